"""A service is started on a database that the first release made, and everything of it holds."""
