"""Where a cohort comes from: its folder, one tidy table, or the table that a TOML describes."""
