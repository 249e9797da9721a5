"""What is seen of a classifier in use, drawn from the reports of monitoring."""
