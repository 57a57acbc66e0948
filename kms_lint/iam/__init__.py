"""What AWS takes the words of policies to mean: pure functions, no file formats."""
