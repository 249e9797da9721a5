"""Batches: the same bits as one by one, faults where they are, order kept."""

import random
from typing import Any

import pytest

from data.panel import PanelPair
from models.classifier import load_classifier
from models.registry import Registry
from service.answers import PredictionAnswer
from service.panels import read_panels
from service.schemas import PREDICTION

BATCH = "/v1/predictions/batch"
N_PANELS = 1000
RANGES = {"TNF": (0.3, 20), "MCP-1": (100, 2000), "TGF-b1": (10, 1500)}
LLOQ = {"TNF": 0.7, "MCP-1": 150.0, "TGF-b1": 20.0}
Body = dict[str, Any]


def result(rng: random.Random, analyte: str, scale: float) -> Any:
    """A number, or what laboratories write instead of one."""
    lower, upper = RANGES[analyte]
    number = lower * (upper / lower) ** rng.random() / scale
    return rng.choice(
        [
            number,
            number,
            round(number, 3),
            f"{number:.4f}",
            f"*{number:.4f}",
            f"<{LLOQ[analyte] / scale!r}",
            "OOR <",
            "***",
            f"{number:.2f}".replace(".", ","),
        ]
    )


def random_table(unit: str, seed: int, n: int) -> Body:
    rng = random.Random(seed)  # noqa: S311 - made-up panels
    scale = 1000 if unit == "ng/mL" else 1
    columns = {
        panel: {name: [result(rng, name, scale) for _ in range(n)] for name in RANGES}
        for panel in ("baseline", "follow_up")
    }
    for panel in columns.values():  # no panel without any result
        panel["MCP-1"] = [512 / scale if cell == "***" else cell for cell in panel["MCP-1"]]
    lloq = {name: limit / scale for name, limit in LLOQ.items()}
    table = {"unit": unit, "platform": "milliplex", "follow_up_month": 1.25, "lloq": lloq}
    return {"table": {**table, "patient_id": [f"P{i}" for i in range(n)], **columns}}


def request_of_row(table: Body, row: int) -> Body:
    def panel(name: str, month: float) -> Body:
        cells = [
            {"analyte": analyte, "result": column[row], "lloq": table["lloq"][analyte]}
            | {"unit": table["unit"], "platform": table["platform"]}
            for analyte, column in table[name].items()
        ]
        return {"month": month, "measurements": cells}

    follow_up = panel("follow_up", table["follow_up_month"])
    patient_id = table["patient_id"][row]
    return {
        "patient_id": patient_id, "baseline": panel("baseline", 0), "follow_up": follow_up
    }  # fmt: skip


def numbers(answer: Body) -> tuple[Any, ...]:
    interval = answer["probability_interval"]
    codes = sorted({flag["code"] for flag in answer["flags"]})
    bounds = (interval["lower"], interval["upper"])
    return answer["score"], answer["probability"], *bounds, answer["responder"], codes


def rows_of(table: Body) -> list[tuple[Any, ...]]:
    columns = ("score", "probability", "lower", "upper", "responder")
    flags = [sorted(codes) if codes else [] for codes in table["flags"]]
    return list(zip(*(table[name] for name in columns), flags, strict=True))


@pytest.fixture(scope="module")
def tables() -> list[Body]:
    return [random_table("pg/mL", 1, N_PANELS // 2), random_table("ng/mL", 2, N_PANELS // 2)]


def test_single_items_table_and_library_answer_with_the_same_bits(
    client, registry_of_client: Registry, tables: list[Body]
) -> None:
    library = load_classifier(registry_of_client.read(registry_of_client.champion("on_treatment")))
    for body in tables:
        answer = client.post(BATCH, body).json()
        assert answer["faults"] == []
        table = rows_of(answer["table"])
        requests = [request_of_row(body["table"], row) for row in range(len(table))]
        items = client.post(BATCH, {"items": requests}).json()["items"]
        assert [numbers(item["prediction"]) for item in items] == table
        faults: list[Any] = []
        parsed = [PREDICTION.validate_python(request) for request in requests]
        panels = [read_panels(each, library.analyte_table, faults) for each in parsed]
        pairs = [PanelPair("P", before, after) for before, after in panels if before]
        scores = library.predict_pairs(pairs).scores
        assert scores.score.tolist() == [row[0] for row in table]
        assert scores.upper.tolist() == [row[3] for row in table]
        for row, request in enumerate(requests):
            single = client.post("/v1/predictions", request)
            assert single.status_code == 201
            assert numbers(single.json()) == table[row]


def test_table_of_the_contract_is_answered_as_it_says(client, contract_table: Body) -> None:
    answer = client.post(BATCH, contract_table)
    assert answer.status_code == 200
    table = answer.json()["table"]
    assert set(table) == {
        "prediction_id", "score", "probability", "lower", "upper", "responder", "flags"
    }  # fmt: skip
    assert all(len(column) == 2 for column in table.values())
    assert table["flags"] == [[], ["below_lloq"]]
    assert answer.json()["faults"] == []


def test_items_are_answered_in_order_with_prediction_or_faults(client, request_body: Body) -> None:
    wrong = {**request_body, "patient_id": "a b"}
    early = {key: request_body[key] for key in ("patient_id", "baseline")}
    answer = client.post(BATCH, {"items": [request_body, wrong, 1, early]}).json()
    assert [list(item) for item in answer["items"]] == [
        ["prediction"], ["faults"], ["faults"], ["prediction"]
    ]  # fmt: skip
    tasks = [answer["items"][index]["prediction"]["task"] for index in (0, 3)]
    assert tasks == ["on_treatment", "pretreatment"]
    for index in (0, 3):
        PredictionAnswer.model_validate(answer["items"][index]["prediction"])


def test_item_without_champion_does_not_stop_the_others(
    make_client, registry_with_one_task: Registry, request_body: Body
) -> None:
    early = {key: request_body[key] for key in ("patient_id", "baseline")}
    answer = make_client(registry_with_one_task).post(BATCH, {"items": [request_body, early]})
    (without, given) = answer.json()["items"]
    assert [fault["code"] for fault in without["faults"]] == ["no_champion"]
    assert given["prediction"]["task"] == "pretreatment"


def test_faulty_row_has_nulls_and_is_listed(client, contract_table: Body) -> None:
    table = contract_table["table"]
    table["baseline"]["TNF"][0] = "high"
    answer = client.post(BATCH, contract_table).json()
    assert [column[0] for column in answer["table"].values()] == [None] * 7
    assert all(column[1] is not None for column in answer["table"].values())
    (fault,) = answer["faults"]
    assert (fault["row"], fault["code"]) == (0, "unreadable_result")
    assert fault["path"] == "/table/baseline/TNF/0"


def test_table_of_faulty_rows_only_is_answered(client, contract_table: Body) -> None:
    contract_table["table"]["patient_id"] = ["a b", 7]
    answer = client.post(BATCH, contract_table)
    assert answer.status_code == 200
    assert [fault["code"] for fault in answer.json()["faults"]] == ["bad_id", "bad_id"]
    assert answer.json()["table"]["score"] == [None, None]


def test_fault_of_a_row_points_at_the_column_as_it_was_sent(client, contract_table: Body) -> None:
    columns = contract_table["table"]["baseline"]
    columns["TGF/b~1"] = [columns.pop("TGF-b1")[0], "high"]
    (fault,) = client.post(BATCH, contract_table).json()["faults"]
    assert fault["path"] == "/table/baseline/TGF~1b~01/1"


def test_column_left_out_is_imputed_and_said(client, contract_table: Body) -> None:
    del contract_table["table"]["follow_up"]["TNF"]
    answer = client.post(BATCH, contract_table).json()
    assert all("imputed_missing" in codes for codes in answer["table"]["flags"])


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"unit": "pg/ML"}, [("/table/unit", "unit_not_accepted")]),
        ({"unit": None}, [("/table/unit", "unit_not_accepted")]),
        ({"lloq": {"IL-6": 1}}, [("/table/lloq", "unknown_analyte")]),
        ({"uloq": {"IL-6": 1}}, [("/table/uloq", "unknown_analyte")]),
        ({"lloq": {"TNF": 0}}, [("/table/lloq", "limit_not_positive")]),
        ({"lloq": {"TNF": 0.7, "tnf": 7}}, [("/table/lloq", "duplicate_analyte")]),
        ({"uloq": {"MCP-1": 9e3, "CCL2": 8e3}}, [("/table/uloq", "duplicate_analyte")]),
        ({"follow_up_month": 5}, [("/table/follow_up_month", "follow_up_after_horizon")]),
        ({"follow_up_month": None}, [("/table/follow_up_month", "follow_up_missing")]),
        ({"baseline": {}}, [("/table/baseline", "too_short")]),
        ({"baseline": {"IL-6": [1, 2]}}, [("/table/baseline", "unknown_analyte")]),
        (
            {"baseline": {"TNF": [1], "CCL2": [512, 9], "MCP1": [1, 2]}},
            [("/table/baseline/TNF", "lengths_differ"), ("/table/baseline", "duplicate_analyte")],
        ),
        (
            {"task": "pretreatment", "platform": "msd"},
            [("/table/platform", "unknown_platform")] * 3,
        ),
        ({"patient_id": []}, [("/table/patient_id", "too_short")]),
        (
            {"unit": "x", "follow_up_month": 9, "lloq": {"IL-6": 1, "TNF": -2}},
            [
                ("/table/follow_up_month", "follow_up_after_horizon"),
                ("/table/lloq", "unknown_analyte"),
                ("/table/unit", "unit_not_accepted"),
                ("/table/lloq", "limit_not_positive"),
            ],
        ),
    ],
)
def test_table_that_cannot_be_used_is_refused_as_a_whole(
    linear_client, contract_table: Body, change: Body, found: list[tuple[str, str]]
) -> None:
    contract_table["table"] |= change
    answer = linear_client.post(BATCH, contract_table)
    assert answer.status_code == 422
    assert [(fault["path"], fault["code"]) for fault in answer.json()["faults"]] == found


@pytest.mark.parametrize("body", [{}, {"items": [1], "table": None, "x": 1}, {"items": []}])
def test_neither_items_nor_table_is_refused(linear_client, body: Body) -> None:
    assert linear_client.post(BATCH, body).status_code == 422


def test_items_and_table_together_are_refused(linear_client, contract_table: Body) -> None:
    answer = linear_client.post(BATCH, contract_table | {"items": [1]})
    assert [fault["code"] for fault in answer.json()["faults"]] == ["items_or_table"]


def test_more_rows_than_allowed_are_refused(linear_client) -> None:
    answer = linear_client.post(BATCH, {"items": [1] * 100_001})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_rows")
