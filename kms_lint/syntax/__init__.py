"""Text into trees: JSON, YAML and HCL, with the place of every value."""
