"""What can be wrong with survival times, beyond what `analysis.errors` names."""

from collections.abc import Sequence

from analysis.errors import AnalysisError


class NoEventsError(AnalysisError):
    """Nobody had the event, so that nothing can be compared or modelled.

    Attributes
    ----------
    n : int
        Patients, all of them censored.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        super().__init__(f"None of the {n} patients had the event; at least one event is needed.")


class NoEventsBeforeError(AnalysisError):
    """Nobody of a group had the event before the time up to which its mean is taken.

    Attributes
    ----------
    n : int
        Its patients.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        super().__init__(
            f"None of the {n} patients of a group had the event before the time up to which means"
            " are taken, so that the precision of its mean is not known."
        )


class NoComparisonError(AnalysisError):
    """Whenever somebody had the event, nobody of another group, or another value, could have."""

    def __init__(self) -> None:
        super().__init__(
            "At every event the patients at risk were all of one group, or all had the event at"
            " once, so groups cannot be compared; their follow-up must overlap."
        )


class MonotoneLikelihoodError(AnalysisError):
    """A hazard ratio is 0 or infinite: the likelihood rises for ever.

    Attributes
    ----------
    names : tuple of str
        The covariates whose coefficients have no finite estimate.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(
            f"The hazard ratio of {', '.join(self.names)} has no finite estimate: at every event"
            " the patient had the most extreme value of those at risk, as when one group has no"
            " events (monotone likelihood). The log-rank test remains."
        )
