"""What each page of the report says: prose, tables and figures from results; no arithmetic."""
