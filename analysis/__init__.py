"""Numbers from arrays: ROC curves, intervals, calibration, sample size.

Nothing here knows of patients, files or HTTP; arrays come in, result objects go out.
"""
