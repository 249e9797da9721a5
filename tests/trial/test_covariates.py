from collections.abc import Sequence

import pytest

from data.cohort import Patient
from trial.covariates import Covariate, read_covariates


def covariate(texts: Sequence[str]) -> Covariate:
    patients = [Patient(f"P-{i}", "msc", covariates={"x": t}) for i, t in enumerate(texts)]
    (found,) = read_covariates(patients)
    return found


@pytest.mark.parametrize(
    "texts",
    [
        ["61", "48", "57", "70", "53", "66"],
        ["61,5", "48,25", "57", "70", "53", "66", ""],
        ["-1.5", "2e1", "N/A", "3"],
    ],
)
def test_different_numbers_are_numeric(texts: list[str]) -> None:
    found = covariate(texts)
    assert found.kind == "numeric"
    assert len(found.numbers) == sum(text not in ("", "N/A") for text in texts)


@pytest.mark.parametrize(
    "texts", [["0", "1"] * 8, ["limb", "bulbar", "7"], ["1", "2", "3", "4", "5"] * 4]
)
def test_codes_and_words_are_categories(texts: list[str]) -> None:
    assert covariate(texts).kind == "categorical"


def test_case_and_spaces_make_no_other_category() -> None:
    found = covariate(["Limb", "limb ", "LIMB", "bulbar"])
    assert set(found.categories.values()) == {"Limb", "bulbar"}


@pytest.mark.parametrize(
    "texts", [[f"word {i}" for i in range(11)], ["", "NA"], ["1e999", "x"] * 6 + list("abcdefghij")]
)
def test_free_text_and_empty_columns_are_not_tabulated(texts: list[str]) -> None:
    assert covariate(texts).kind == "not_tabulated"


def test_a_site_called_na_is_a_site() -> None:
    patients = [Patient("P-1", "msc", site="NA"), Patient("P-2", "msc", site="EU")]
    (site,) = read_covariates(patients)
    assert site.categories == {"P-1": "NA", "P-2": "EU"}


def test_numbers_too_large_to_be_squared_are_no_measurements() -> None:
    assert covariate([f"{i}e306" for i in range(1, 8)]).kind == "categorical"
