"""What people look at in a browser: pages over the same functions that the API answers with."""
