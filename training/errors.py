"""What can stand in the way of training."""

from data.errors import CsfError


class TrainingError(CsfError):
    """A cohort cannot be learnt from as it is, or a configuration does not make sense."""
