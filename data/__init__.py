"""What a panel, a cohort and an outcome are: the vocabulary everything else stands on.

Imports nothing of ours. Reading, checking and simulating live here; fitting does not.
"""
