"""The checks that need Python."""
