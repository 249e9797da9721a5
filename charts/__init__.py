"""Results drawn and laid out: Vega-Lite specs, tables, HTML fragments and pages; no arithmetic."""
