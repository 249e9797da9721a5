from dataclasses import replace
from pathlib import Path

import pytest

from data.analytes import Analyte, study_analytes
from data.cohort import Cohort
from data.errors import CohortError
from data.sources.cohort_folder import read_cohort, write_cohort
from models.classifier import Classifier
from models.errors import EvaluationError
from models.known_analytes import known_analytes

IL6 = Analyte("IL-6", "il6", "pg/mL", 0.1, 5000)


def test_a_study_classifier_knows_the_studys_analytes(linear: Classifier) -> None:
    assert dict(known_analytes(linear)) == dict(study_analytes())


def test_analytes_that_a_classifier_declares_are_read(
    linear: Classifier, new_cohort: Cohort, tmp_path: Path
) -> None:
    write_cohort(new_cohort, tmp_path)
    cytokines = tmp_path / "cytokines.csv"
    cytokines.write_text(cytokines.read_text().replace(",TNF,", ",IL-6,"))
    with pytest.raises(CohortError, match="not known"):
        read_cohort(tmp_path, known_analytes(linear))
    declared = replace(linear, analytes=(*linear.analytes, IL6))
    panel = read_cohort(tmp_path, known_analytes(declared)).patients[0].panels[0]
    assert panel.find("IL-6") is not None


def test_a_declared_name_takes_the_place_of_the_studys(linear: Classifier) -> None:
    renamed = replace(IL6, name="CCL2", key="ccl2")
    known = known_analytes(replace(linear, analytes=(renamed,)))
    assert set(known) == {"CCL2", "TNF", "TGF-b1"}


def test_two_declarations_of_one_analyte_are_refused(linear: Classifier) -> None:
    one = replace(linear, analytes=(IL6,))
    other = replace(linear, analytes=(replace(IL6, unit="ng/mL"),))
    with pytest.raises(EvaluationError, match="declare IL-6 differently"):
        known_analytes(one, other)
