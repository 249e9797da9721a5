"""Why a linear mixed model may have no answer, beside what `analysis.errors` says of any array."""

from analysis.errors import AnalysisError


class PerfectFitError(AnalysisError):
    """Nothing is left for the residual: its variance is zero and the likelihood has no end.

    Attributes
    ----------
    n_rows, n_patients : int
        Values, and the patients they belong to.
    """

    def __init__(self, n_rows: int, n_patients: int) -> None:
        self.n_rows = n_rows
        self.n_patients = n_patients
        super().__init__(
            f"The {n_rows} values of {n_patients} patients lie exactly on their lines; a mixed"
            " model needs residuals that are not zero."
        )


class NotIdentifiedError(AnalysisError):
    """The rows cannot tell the variances of a mixed model from each other.

    Attributes
    ----------
    rank, n_variances : int
        Variances and covariances that can be told apart, and all, the residual's included.
    n_rows, n_patients : int
        Values, and the patients they belong to.
    """

    def __init__(self, rank: int, n_variances: int, n_rows: int, n_patients: int) -> None:
        self.rank = rank
        self.n_variances = n_variances
        self.n_rows = n_rows
        self.n_patients = n_patients
        super().__init__(
            f"The {n_rows} values of {n_patients} patients tell only {rank} of {n_variances}"
            " variances and covariances apart; more visits per patient, or fewer random effects,"
            " are needed."
        )


class NotNestedError(AnalysisError):
    """Two mixed models cannot be compared by their likelihoods.

    Attributes
    ----------
    wanted : str
        What would be right.
    """

    def __init__(self, wanted: str) -> None:
        self.wanted = wanted
        super().__init__(f"A likelihood-ratio test needs {wanted}.")
