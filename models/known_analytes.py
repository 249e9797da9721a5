"""The analytes that a cohort is read with when given classifiers are to answer it."""

from data.analytes import Analyte, AnalyteTable, study_analytes
from models.classifier import Classifier
from models.errors import EvaluationError


def known_analytes(*classifiers: Classifier) -> AnalyteTable:
    """The classifiers' own analytes, and those of the study that they do not rename.

    Raises
    ------
    EvaluationError
        The classifiers declare one analyte differently.
    """
    declared: dict[str, Analyte] = {}
    for classifier in classifiers:
        for analyte in classifier.analytes:
            if declared.setdefault(analyte.name, analyte) != analyte:
                raise EvaluationError(
                    f"the bundles declare {analyte.name} differently, so that no cohort can be "
                    "read for both"
                )
    own = AnalyteTable(declared.values())
    keys = {analyte.key for analyte in declared.values()}
    others = [
        analyte
        for analyte in study_analytes().values()
        if analyte.key not in keys
        and not any(own.find(written) for written in (analyte.name, *analyte.synonyms))
    ]
    return AnalyteTable([*declared.values(), *others])
