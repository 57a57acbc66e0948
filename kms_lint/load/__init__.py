"""Trees into the model: what each file holds."""
