"""Files as text cells, and cells as values; what they mean is for `data/sources`."""
