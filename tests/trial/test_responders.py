from dataclasses import replace

import pytest

from analysis.contingency import TwoByTwo, risk_difference
from data.cohort import Arm, Cohort, Patient, Provenance, Survival
from data.outcome import Visit, define_responder
from data.simulate import simulate_cohort
from trial.deaths import DEATHS_UNKNOWN
from trial.efficacy import analyse_efficacy
from trial.not_computed import NotComputed
from trial.pages.efficacy import efficacy_page
from trial.responder_test import Responders, ResponderTest, compare_responders
from trial.responders import DeathIsNoResponse, count_responders, stated_outcomes
from trial.study import Study


def patient(number: int, arm: Arm, lead_in: float, follow_up: float, until: int = 4) -> Patient:
    """A patient whose ALSFRS-R moves by these slopes."""
    before = [Visit(month, 40 + lead_in * month) for month in (-2, -1, 0)]
    after = [Visit(month, 40 + follow_up * month) for month in range(1, until + 1)]
    return Patient(f"P-{number}", arm, visits=(*before, *after))


def study(*patients: Patient) -> Study:
    return Study(Cohort(patients, Provenance(simulated=True)))


def test_improvement_of_exactly_the_percentage_is_enough() -> None:
    counts = count_responders(study(patient(1, "msc", -1.0, -0.5), patient(2, "msc", -1.0, -0.25)))
    by_month_4 = [one.arms["msc"].responders for one in counts[:3]]
    assert by_month_4 == [2, 1, 0]


def test_more_is_asked_of_fewer() -> None:
    counts = count_responders(Study(simulate_cohort("published", 40, 4)))
    for month in (counts[:3], counts[3:6]):
        for arm in ("msc", "control"):
            k = [one.arms[arm].responders for one in month]
            assert k == sorted(k, reverse=True)


def test_another_definition_is_a_row_of_its_own() -> None:
    whole = Study(simulate_cohort("published", 12, 1))
    berry = replace(whole, definition=define_responder("berry2019"))
    names = [one.definition.name for one in count_responders(berry)]
    assert names == ["oh2018"] * 6 + ["berry2019"]
    page = str(efficacy_page(analyse_efficacy(berry), berry))
    assert ">= 1.5 points/month by 4 months (berry2019)" in page


def ends(patient: Patient, month: float, *, event: bool) -> Patient:
    return replace(patient, survival=Survival(month, event=event))


def test_patients_who_died_by_the_horizon_are_no_responders_where_death_is_no_response() -> None:
    dead = ends(patient(1, "msc", -1.0, 0.0, until=1), 1.3, event=True)
    counted = count_responders(study(dead, ends(patient(2, "msc", -1, 0), 9, event=False)))[0]
    assert counted.arms["msc"] == Responders(2, 2)
    assert isinstance(counted.death_is_no_response, DeathIsNoResponse)
    assert counted.death_is_no_response.arms["msc"] == Responders(1, 2)


def test_who_died_too_early_to_be_judged_is_no_responder_instead_of_nobody() -> None:
    dead = ends(patient(1, "control", -1.0, 0.0, until=0), 0.5, event=True)
    counted = count_responders(study(dead))[0]
    assert counted.arms["control"] == Responders(0, 0)
    assert isinstance(counted.death_is_no_response, DeathIsNoResponse)
    assert counted.death_is_no_response.arms["control"] == Responders(0, 1)


def test_without_a_survival_time_deaths_are_unknown() -> None:
    bare = study(patient(1, "msc", -1, 0), patient(2, "control", -1, 0))
    assert count_responders(bare)[0].death_is_no_response == DEATHS_UNKNOWN
    assert DEATHS_UNKNOWN.not_computed in str(efficacy_page(analyse_efficacy(bare), bare))


def test_death_as_no_response_is_a_row_where_it_changes_the_counts() -> None:
    survives, dead = (
        study(ends(patient(1, "msc", -1, 0), month, event=True), patient(2, "control", -1, -1))
        for month in (30, 4)
    )
    assert ", death is no response" in str(efficacy_page(analyse_efficacy(dead), dead))
    assert ", death is no response" not in str(efficacy_page(analyse_efficacy(survives), survives))


def test_stated_outcomes_are_counted_beside_the_slopes() -> None:
    responder, other = patient(1, "msc", -1.0, -0.2), patient(2, "control", -1.0, -0.2)
    stating = study(replace(responder, responder=True), replace(other, responder=False))
    found = stated_outcomes(stating)
    assert found is not None
    assert found.arms == {"msc": Responders(1, 1), "control": Responders(0, 1)}
    assert (found.agreeing, found.both) == (1, 2)
    page = str(efficacy_page(analyse_efficacy(stating), stating))
    assert "as stated in the participants table" in page


def test_nothing_is_said_of_stated_outcomes_where_there_are_none() -> None:
    assert stated_outcomes(study(patient(1, "msc", -1, -1))) is None


@pytest.mark.parametrize(
    ("msc", "control", "test"), [((8, 32), (1, 27), "fisher"), ((20, 32), (6, 27), "chi_square")]
)
def test_a_small_expected_count_asks_for_fisher(
    msc: tuple[int, int], control: tuple[int, int], test: str
) -> None:
    found = compare_responders(
        {"msc": Responders(*msc), "control": Responders(*control)}, level=0.9
    )
    assert isinstance(found, ResponderTest)
    assert found.test == test
    assert found.p == (found.p_fisher if test == "fisher" else found.p_chi_square)
    assert found.newcombe == risk_difference(TwoByTwo(*msc, *control), level=0.9)


def test_an_arm_without_evaluable_patients_is_not_compared() -> None:
    found = compare_responders({"msc": Responders(3, 9), "control": Responders(0, 0)}, level=0.95)
    assert isinstance(found, NotComputed)
    assert "no patient of arm control" in found.not_computed


def test_the_exact_interval_gives_way_in_large_trials_only() -> None:
    found = compare_responders(
        {"msc": Responders(300, 600), "control": Responders(200, 600)}, level=0.95
    )
    assert isinstance(found, ResponderTest)
    assert isinstance(found.exact, NotComputed)
    assert found.exact.not_computed.startswith("No exact interval of a difference in responders.")
    assert found.newcombe.lower > 0
