"""How a classifier is made: fitting, nested cross-validation, evaluation, report."""
