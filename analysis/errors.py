"""What can be wrong with the arrays and settings that reach ``analysis``.

Each error keeps the facts as attributes and writes its own sentence. No sentence repeats a
received measurement.
"""

from collections.abc import Mapping, Sequence


class AnalysisError(ValueError):
    """The question cannot be answered from what was given."""


class ShapeError(AnalysisError):
    """An array has another number of dimensions than the function works on.

    Attributes
    ----------
    name : str
        The argument.
    shape : tuple of int
        The shape received.
    wanted : str
        The shape that would be right.
    """

    def __init__(self, name: str, shape: tuple[int, ...], wanted: str) -> None:
        self.name = name
        self.shape = shape
        self.wanted = wanted
        super().__init__(f"{name} has shape {shape}; it must be {wanted}.")


class LengthsDifferError(AnalysisError):
    """Arrays that describe the same patients have different lengths.

    Attributes
    ----------
    lengths : Mapping[str, int]
        The length of each argument.
    """

    def __init__(self, lengths: Mapping[str, int]) -> None:
        self.lengths = dict(lengths)
        listed = ", ".join(f"{name} has {length}" for name, length in self.lengths.items())
        super().__init__(f"One entry per patient is needed in each array, but {listed}.")


class NotFiniteError(AnalysisError):
    """An array holds NaN or infinity.

    Attributes
    ----------
    name : str
        The argument.
    n_not_finite, n : int
        How many entries are not finite, of how many.
    """

    def __init__(self, name: str, n_not_finite: int, n: int) -> None:
        self.name = name
        self.n_not_finite = n_not_finite
        self.n = n
        super().__init__(f"{n_not_finite} of {n} entries of {name} are NaN or infinite.")


class OutOfRangeError(AnalysisError):
    """A number, or an entry of an array, lies outside what the argument may be.

    Attributes
    ----------
    name : str
        The argument.
    wanted : str
        What would be right.
    """

    def __init__(self, name: str, wanted: str) -> None:
        self.name = name
        self.wanted = wanted
        super().__init__(f"{name} must be {wanted}.")


class UnknownChoiceError(AnalysisError):
    """A named setting has a name that does not exist.

    Attributes
    ----------
    name : str
        The argument.
    choices : tuple of str
        The names that exist.
    """

    def __init__(self, name: str, choices: Sequence[str]) -> None:
        self.name = name
        self.choices = tuple(choices)
        super().__init__(f"{name} must be one of: {', '.join(self.choices)}.")


class OneClassError(AnalysisError):
    """Cases and controls are compared, but one of the two is missing.

    Attributes
    ----------
    n_cases, n_controls : int
        How many of each there are.
    """

    def __init__(self, n_cases: int, n_controls: int) -> None:
        self.n_cases = n_cases
        self.n_controls = n_controls
        super().__init__(
            f"At least one case and one control are needed; there are {n_cases} cases"
            f" and {n_controls} controls."
        )


class TooFewError(AnalysisError):
    """There are fewer patients, folds or curves than the method is defined for.

    Attributes
    ----------
    what : str
        What is counted.
    n, needed : int
        How many there are, and how many are needed.
    """

    def __init__(self, what: str, n: int, needed: int) -> None:
        self.what = what
        self.n = n
        self.needed = needed
        have = "there is 1" if n == 1 else f"there are {n}"
        super().__init__(
            f"There are no {what}; at least one is needed."
            if needed == 1
            else f"At least {needed} {what} are needed; {have}."
        )


class SeparatedError(AnalysisError):
    """A logistic regression has no finite solution.

    Attributes
    ----------
    n_cases, n_controls : int
        How many of each there are.
    """

    def __init__(self, n_cases: int, n_controls: int) -> None:
        self.n_cases = n_cases
        self.n_controls = n_controls
        super().__init__(
            f"The predictions separate the {n_cases} cases from the {n_controls} controls, so the"
            " slope of the logistic regression is infinite; more patients are needed."
        )


class MixedDirectionsError(AnalysisError):
    """Curves to be averaged differ in direction.

    Attributes
    ----------
    directions : tuple of str
        The directions found.
    """

    def __init__(self, directions: Sequence[str]) -> None:
        self.directions = tuple(directions)
        super().__init__("Curves of different directions cannot be averaged.")


class TooManyError(AnalysisError):
    """There are more patients than an exact calculation can work through.

    Attributes
    ----------
    what : str
        What is counted.
    n, most : int
        How many there are, and how many can be worked through.
    """

    def __init__(self, what: str, n: int, most: int) -> None:
        self.what = what
        self.n = n
        self.most = most
        super().__init__(f"At most {most} {what} can be worked through exactly; there are {n}.")


class NoSpreadError(AnalysisError):
    """Values are all the same, up to rounding, where their spread is divided by.

    Attributes
    ----------
    name : str
        What has no spread.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} must differ between patients; all are the same value.")


class AllCensoredError(AnalysisError):
    """No value of a group was measured, so its location has no finite estimate.

    Attributes
    ----------
    group : str
        The group.
    n : int
        Its patients.
    """

    def __init__(self, group: str, n: int) -> None:
        self.group = group
        self.n = n
        super().__init__(
            f"All {n} {group} are beyond their limit; at least one measured value is needed."
        )


class RankDeficientError(AnalysisError):
    """Columns of a regression repeat each other, or are more than the patients.

    Attributes
    ----------
    rank, n_columns : int
        Independent columns, and all columns with the intercept.
    """

    def __init__(self, rank: int, n_columns: int) -> None:
        self.rank = rank
        self.n_columns = n_columns
        super().__init__(
            f"Only {rank} of {n_columns} columns, the intercept included, are independent;"
            " a column that others add up to must be left out."
        )


class NotConvergedError(AnalysisError):
    """An iteration did not reach its goal.

    Attributes
    ----------
    what : str
        What was sought.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"The search for {what} did not converge; is a column's scale extreme?")


class OneSidedReplicatesError(AnalysisError):
    """All bootstrap replicates are above, or all below, the estimate that they surround.

    Attributes
    ----------
    n_replicates : int
        How many there are.
    """

    def __init__(self, n_replicates: int) -> None:
        self.n_replicates = n_replicates
        super().__init__(
            f"All {n_replicates} replicates lie on one side of the estimate, so its bias cannot be"
            " corrected; a percentile interval or more resamples would do."
        )


class FoldsWithoutBothClassesError(AnalysisError):
    """Some test folds hold cases only or controls only, so they have no AUC.

    Attributes
    ----------
    n_affected, n_folds : int
        How many such folds there are, of how many.
    """

    def __init__(self, n_affected: int, n_folds: int) -> None:
        self.n_affected = n_affected
        self.n_folds = n_folds
        super().__init__(
            f"{n_affected} of {n_folds} folds lack a case or a control; each needs one of both,"
            " as folds stratified by class have."
        )
