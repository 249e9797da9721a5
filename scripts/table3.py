"""Table 3 of Oh et al. 2018 re-derived from its own printed summaries, as docs/table3.md.

The printed means, SDs and counts are rounded, so a re-derived number may miss the printed one by
.02, and p by .001. The printed numbers are in tests/reference/expected/12_published.json.

Usage: python scripts/table3.py > docs/table3.md
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from analysis.estimate import Estimate
from analysis.mean_difference import MeanDifference, Variances, t_from_summaries
from analysis.summary import Summary
from trial.responder_test import Responders, ResponderTest, compare_responders

PUBLISHED: Final = Path(__file__).parents[1] / "tests/reference/expected/12_published.json"
TESTS: Final[dict[str, Variances]] = {"Student's t": "equal", "Welch's t": "unequal"}
NEAR, NEAR_P = 0.02, 0.001
SMALLEST_PRINTED_P: Final = 0.001


class Rederived(NamedTuple):
    """One printed number and what its row's summaries give by one test."""

    measure: str
    test: str
    number: str
    printed: str
    found: float
    apart: float
    agrees: bool


def main() -> None:
    """Print the document."""
    print("\n".join(document()))


def document() -> Iterator[str]:
    """Its lines."""
    published = json.loads(PUBLISHED.read_text())
    yield from INTRODUCTION.splitlines()
    yield "| measure | number | printed | Student's t | apart | Welch's t | apart | agrees |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in published["continuous"]:
        by_test = [list(continuous(row, test)) for test in TESTS]
        for student, welch in zip(*by_test, strict=True):
            named = {True: "both", False: "neither"}[student.agrees]
            if student.agrees != welch.agrees:
                named = "Student's only" if student.agrees else "Welch's only"
            yield (
                f"| {student.measure} | {student.number} | {student.printed} |"
                f" {student.found:.4f} | {student.apart:.4f} | {welch.found:.4f} |"
                f" {welch.apart:.4f} | {named} |"
            )
    yield from BETWEEN.splitlines()
    yield "| responders | MSC | control | printed p | by the rule | p | agrees | exact interval |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in published["responders"]:
        found = proportions(row)
        exact = found.exact
        interval = f"{exact.lower:.2f} to {exact.upper:.2f}" if isinstance(exact, Estimate) else ""
        agrees = "yes" if p_agrees(row["published_p"], found.p, decimals=True) else "no"
        yield (
            f"| {row['name']} | {row['msc']}/{row['msc_n']} | {row['control']}/{row['control_n']} |"
            f" {row['published_p']} | {found.test} | {found.p:.5f} | {agrees} | {interval} |"
        )
    yield from END.splitlines()


def continuous(row: dict[str, Any], test: str) -> Iterator[Rederived]:
    """Each number printed of one measure, by one of `TESTS`."""
    msc, control = (Summary(row[f"n{i}"], row[f"mean{i}"], row[f"sd{i}"]) for i in (1, 2))
    found = t_from_summaries(msc, control, variances=TESTS[test])
    printed = row["published"]
    lower, upper = printed["ci95"]
    for number, was, value in (
        ("difference", printed["diff"], found.difference.value),
        ("SE", printed["se"], found.standard_error),
        ("lower limit", lower, found.difference.lower),
        ("upper limit", upper, found.difference.upper),
    ):
        apart = abs(value - was)
        yield Rederived(row["name"], test, number, f"{was:.2f}", value, apart, apart <= NEAR)
    yield _p(row["name"], test, printed["p"], found)


def _p(measure: str, test: str, printed: str, found: MeanDifference) -> Rederived:
    apart = max(found.p - SMALLEST_PRINTED_P, 0.0)
    if not printed.startswith("<"):
        apart = abs(found.p - float(printed))
    agrees = p_agrees(printed, found.p, decimals=False)
    return Rederived(measure, test, "p", printed, found.p, apart, agrees)


def p_agrees(printed: str, p: float, *, decimals: bool) -> bool:
    """Whether p is what was printed: to its three decimals, or within .001."""
    if printed.startswith("<"):
        return p < SMALLEST_PRINTED_P
    if decimals:
        return f"{p:.3f}" == f"{float(printed):.3f}"
    return abs(p - float(printed)) <= NEAR_P


def proportions(row: dict[str, Any]) -> ResponderTest:
    """One row of responders by the rule of the report."""
    counts = {arm: Responders(row[arm], row[f"{arm}_n"]) for arm in ("msc", "control")}
    found = compare_responders({"msc": counts["msc"], "control": counts["control"]}, level=0.95)
    assert isinstance(found, ResponderTest)  # noqa: S101 - both arms have patients
    return found


INTRODUCTION: Final = """\
# Table 3 of the study, re-derived

From the numbers that Oh et al. 2018 print (Ann Neurol 84:361, doi 10.1002/ana.25302, Table 3):
means, standard deviations and n for the changes, counts for the responders. This page is made by

```sh
python scripts/table3.py > docs/table3.md
```

Printed inputs are rounded to .01, so a number agrees within .02 and a p within .001. MSC less
control; `apart` is the distance from the printed number.
\n"""

BETWEEN: Final = """
Both changes agree with Student's t and not with Welch's, the slope change to 4 months with both
(the printed SDs are equal), that to 6 months with Welch's only: Student's p is .0015 off, and no
SDs that round to the printed ones give it the printed SE of .38. So Table 3 is not of one test
throughout. The report makes Welch's the headline everywhere and shows Student's beside it.
\n"""

END: Final = """
Chi-square is without correction, Fisher's test where an expected count is below 5: with that rule
every printed p is met to its last digit; with Fisher's alone or with Yates's correction it is not.
The exact interval of the difference is unconditional (Chan and Zhang 1999); none is printed."""


if __name__ == "__main__":
    main()
