"""Files of panels scored row by row: CSV or Parquet in, predictions out."""
