"""How much to believe a classifier, in sentences made of its evaluation alone."""

from collections.abc import Mapping
from typing import Any

from service.pages.words import estimate


def headline(evaluation: Mapping[str, Any]) -> str:
    """What the AUC of a bundle says, for people who do not know the word.

    Examples
    --------
    >>> auc = {"value": 0.56, "lower": 0.41, "upper": 0.71, "n_cases": 20, "n_controls": 11}
    >>> print(headline({"auc": auc | {"level": 0.95}}))
    Of a responder and another patient, it ranks the responder higher in 56 of 100 such pairs of \
patients it had not seen (AUC 0.56 (0.41 to 0.71), 20 responders and 11 others); chance is 50. \
The interval reaches down to chance.
    """
    auc = evaluation["auc"]
    sentence = (
        "Of a responder and another patient, it ranks the responder higher in "
        f"{100 * auc['value']:.0f} of 100 such pairs of patients it had not seen "
        f"(AUC {estimate(auc)}, {auc['n_cases']} responders and {auc['n_controls']} others); "
        "chance is 50."
    )
    return sentence + (" The interval reaches down to chance." if auc["lower"] <= 0.5 else "")
