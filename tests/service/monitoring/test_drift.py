"""Patients sent now beside those who trained: found where they differ, quiet where they do not."""

from typing import Any

import numpy as np
import pytest

from analysis.contingency import TwoByTwo, fisher_p
from models.case_mix import case_mix
from models.columns import Kind, PairColumns
from models.features import compute
from models.manifest import Manifest, TrainingRange
from models.registry import Registry
from service.monitoring.comparing import NewPatients
from service.monitoring.drift import compare
from service.monitoring.shapes_of_drift import DriftAnswer

MEANS, SPREADS = np.array([[0.6, 6.16, 4.0], [0.1, 6.06, 4.4]]), np.array([1.1, 0.3, 0.58])
LLOQ = 0.7


@pytest.fixture(scope="session")
def manifest(linear_registry: Registry) -> Manifest:
    return linear_registry.read(linear_registry.champion("on_treatment")).manifest


def draw(manifest: Manifest, rng: Any, n: int, *, shift: float = 0.0) -> PairColumns:
    """Panels of n patients; a third of TNF is censored, one in twenty results is missing."""
    patient, visit = rng.normal(size=(n, 1, 3)), rng.normal(size=(n, 2, 3))
    values = np.exp(MEANS + SPREADS * (0.8 * patient + 0.6 * visit + shift))
    kinds = np.zeros(values.shape, dtype=np.int8)
    censored = values[..., 0] < LLOQ
    values[..., 0][censored], kinds[..., 0][censored] = LLOQ, Kind.BELOW_LLOQ
    missing = rng.random(values.shape) < 0.05
    values[missing], kinds[missing] = np.nan, Kind.NOT_REPORTED
    return PairColumns(manifest.domain_analytes(), values, kinds)


def trained(manifest: Manifest, columns: PairColumns) -> tuple[Manifest, Any]:
    """A manifest and a case mix as training would leave them."""
    features = compute(manifest.domain_features(), columns)
    responder = np.arange(len(features)) % 2 == 0
    mix = case_mix(manifest.domain_features(), columns, features, responder, [features[:, 1]])
    ranges = [
        TrainingRange(
            analyte=analyte.name, panel=panel,
            lower=np.nanmin(columns.values[:, at, index]),
            upper=np.nanmax(columns.values[:, at, index]),
        )
        for at, panel in enumerate(("baseline", "follow_up"))
        for index, analyte in enumerate(columns.analytes)
    ]  # fmt: skip
    return manifest.model_copy(update={"training_ranges": tuple(ranges)}), mix


def attentions(manifest: Manifest, n_training: int, n: int, *, shift: float, times: int):
    rng = np.random.default_rng(20260102)
    for _ in range(times):
        known = trained(manifest, draw(manifest, rng, n_training))
        yield compare(NewPatients.of(*known, draw(manifest, rng, n, shift=shift)))["attention"]


@pytest.mark.parametrize("n_training", [20, 64])
@pytest.mark.parametrize("n", [10, 30, 100])
def test_false_alarms_are_as_rare_as_is_said(manifest: Manifest, n_training: int, n: int) -> None:
    times = 300
    found = list(attentions(manifest, n_training, n, shift=0.0, times=times))
    loud = sum(attention in ("notice", "alarm") for attention in found)
    assert set(found) <= {"none", "notice", "alarm"}
    assert loud <= 0.05 * times + 2.33 * (0.05 * 0.95 * times) ** 0.5


@pytest.mark.parametrize(("n", "at_least"), [(30, 0.7), (100, 0.9)])
def test_patients_of_another_kind_are_noticed(manifest: Manifest, n: int, at_least: float) -> None:
    found = list(attentions(manifest, 32, n, shift=0.9, times=50))
    assert sum(attention != "none" for attention in found) >= at_least * len(found)


def test_same_patients_as_trained_are_quiet_in_every_row(manifest: Manifest) -> None:
    columns = draw(manifest, np.random.default_rng(1), 40)
    found = compare(NewPatients.of(*trained(manifest, columns), columns))
    assert {row["share"] for row in found["ranges"]} <= {0.0, None}
    assert all(abs(row["shift"]["value"]) < 1e-12 for row in found["levels"])
    assert all(row["sd_ratio"] == pytest.approx(1) for row in found["levels"])
    assert found["attention"] == "none"
    assert {row["p"] for row in found["ranges"]} <= {1.0, None}


def test_shift_is_in_sds_of_training(manifest: Manifest) -> None:
    columns = draw(manifest, np.random.default_rng(1), 40)
    known = trained(manifest, columns)
    values = np.where(columns.kinds == Kind.MEASURED, columns.values * np.e, columns.values)
    found = compare(NewPatients.of(*known, PairColumns(columns.analytes, values, columns.kinds)))
    (row,) = [row for row in found["levels"] if row["feature"] == "log_mcp1"]
    assert row["shift"]["value"] == pytest.approx(1 / row["training"]["sd"])
    assert (row["shift"]["lower"] > 0, row["attention"]) == (True, "alarm")


def test_censoring_is_compared_exactly(manifest: Manifest) -> None:
    rng = np.random.default_rng(3)
    before, now = draw(manifest, rng, 60), draw(manifest, rng, 60, shift=-1.0)
    known = trained(manifest, before)
    new = NewPatients.of(*known, now)
    (row,) = [row for row in compare(new)["censored"] if row["feature"] == "log_tnf"]
    reported = [c.kinds[:, 0, 0] != Kind.NOT_REPORTED for c in (now, before)]
    censored = [int((c.kinds[:, 0, 0] == Kind.BELOW_LLOQ).sum()) for c in (now, before)]
    table = TwoByTwo(censored[0], int(reported[0].sum()), censored[1], int(reported[1].sum()))
    assert row["p"] is None or row["p"] == pytest.approx(fisher_p(table))
    assert (row["attention"], row["training"]["n"]) == ("alarm", table.n_second)


def test_small_counts_cannot_be_had_by_subtraction(manifest: Manifest) -> None:
    columns = draw(manifest, np.random.default_rng(1), 40)
    kinds, values = np.zeros_like(columns.kinds), np.full_like(columns.values, 100.0)
    kinds[:3, 0, 1], values[:3, 0, 1] = Kind.NOT_REPORTED, np.nan
    new = NewPatients.of(*trained(manifest, columns), PairColumns(columns.analytes, values, kinds))
    found = compare(new)
    rows = [row for part in ("levels", "censored", "missing") for row in found[part]]
    ours = [row for row in rows if row["feature"] == "log_mcp1"]
    assert [row["n"] for row in ours] == [None, None, 40]
    assert [(row["k"], row["share"], row["p"]) for row in ours[1:]] == [(None,) * 3] * 2
    assert [row["n"] for row in found["ranges"]] == [40, None, 40, 40, 40, 40]


def test_report_reads_what_was_sent(look: Any, post: Any) -> None:
    post(40)
    DriftAnswer.model_validate(look("drift"))
    (part,) = look("drift")["bundles"]
    assert part["n_patients"] == 40
    found = part["drift"]
    assert sum(tenth["n"] or 0 for tenth in found["probability"]) <= 40
    assert found["score"]["training"]["n"] == 32
    assert [row["n"] for row in found["levels"]] == [40] * 8
    assert found["n_tests"] == 6 + 3 * 8


def test_features_of_kept_requests_are_those_that_were_scored(
    client: Any, look: Any, request_body: Any, linear_registry: Registry
) -> None:
    for number in range(6):
        request_body["baseline"]["measurements"][1]["result"] = 500 + number
        client.post("/v1/predictions", request_body | {"patient_id": f"P-{number}"})
    (part,) = look("drift")["bundles"]
    (row,) = [row for row in part["drift"]["levels"] if row["feature"] == "log_mcp1"]
    assert row["mean"] == pytest.approx(np.log(np.arange(500, 506)).mean())
    (tnf,) = [row for row in part["drift"]["levels"] if row["feature"] == "log_tnf"]
    assert (tnf["sd"], tnf["n"]) == (0.0, 6)


def test_boosted_classifiers_are_watched_in_the_same_way(
    make_client: Any, boosted_registry: Registry, contract_table: Any, database_url: str
) -> None:
    client = make_client(boosted_registry, database_url=database_url)
    table = contract_table["table"] | {"patient_id": [f"P-{n}" for n in range(12)]}
    for panel in ("baseline", "follow_up"):
        table[panel] = {name: results * 6 for name, results in table[panel].items()}
    client.post("/v1/predictions/batch", {"table": table})
    (part,) = client.get("/v1/monitoring/drift").json()["bundles"]
    assert (part["n_patients"], part["drift"]["missing"][0]["k"]) == (12, 0)
    (part,) = client.get("/v1/monitoring/performance").json()["bundles"]
    assert (part["selection"]["n_waiting"], part["estimates"]["roc"]) == (12, None)


def test_other_patients_give_an_alarm(look: Any, post: Any) -> None:
    post(40, shift=3.0)
    (part,) = look("drift")["bundles"]
    assert part["drift"]["attention"] == "alarm"
    assert part["drift"]["leverage"]["share"] > part["drift"]["leverage"]["expected_share"]


def test_four_patients_are_too_few_to_say_anything(look: Any, post: Any) -> None:
    post(4)
    (part,) = look("drift")["bundles"]
    found = part["drift"]
    assert (part["n_patients"], found["attention"], found["n_tests"]) == (None, "too_few", 0)
    assert {row["mean"] for row in found["levels"]} == {None}
    assert {tenth["n"] for tenth in found["probability"]} <= {0, None}


def test_each_patient_is_looked_at_once_and_the_erased_not_at_all(
    client: Any, look: Any, post: Any
) -> None:
    ids = post(20)
    post(20)
    for prediction_id in ids[:6]:
        client.ask("DELETE", f"/v1/predictions/{prediction_id}/input")
    (part,) = look("drift")["bundles"]
    assert (part["n_patients"], part["left_out"]) == (20, {"repeated": 14, "erased": 6})
