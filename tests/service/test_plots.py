"""Charts and the training report over HTTP."""

import sys
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from charts.evaluation.plots import plots_of
from charts.theme import GROUND
from models.bundle import write_bundle
from models.registry import Registry
from service.errors import RequestError
from service.pictures import MOST_DRAWN, MOST_WAITING, Pictures

CHAMPION = "/v1/models/champion"
TASK = "task=pretreatment"


@pytest.fixture
def evaluation(linear_registry: Registry) -> dict[str, Any]:
    return dict(linear_registry.read(linear_registry.champion("pretreatment")).evaluation)


def test_every_plot_that_is_listed_is_served_as_the_report_draws_it(
    linear_client, evaluation: dict[str, Any]
) -> None:
    listed = linear_client.get(f"{CHAMPION}/plots?{TASK}").json()
    assert listed["simulated"] is True
    assert [plot["name"] for plot in listed["plots"]] == list(plots_of(evaluation))
    for name, figure in plots_of(evaluation).items():
        answer = linear_client.get(f"{CHAMPION}/plots/{name}?{TASK}")
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == figure.charts[0].spec


def test_csv_has_the_numbers_of_the_chart(linear_client, evaluation: dict[str, Any]) -> None:
    answer = linear_client.get(f"{CHAMPION}/plots/auc?{TASK}&format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="auc.csv"' in answer.headers["content-disposition"]
    auc = evaluation["auc"]
    assert f"whole procedure,{auc['value']},{auc['lower']},{auc['upper']}," in answer.text


@pytest.mark.parametrize(
    ("kind", "media", "start"),
    [("svg", "image/svg+xml", b"<svg"), ("png", "image/png", b"\x89PNG")],
)
def test_pictures_are_drawn_and_kept(linear_client, kind: str, media: str, start: bytes) -> None:
    path = f"{CHAMPION}/plots/sample_size?{TASK}&format={kind}"
    first, again = linear_client.get(path), linear_client.get(path)
    assert first.headers["content-type"] == media
    assert first.content.startswith(start)
    assert again.content == first.content
    assert first.headers["x-content-type-options"] == "nosniff"


def test_a_picture_that_a_browser_opens_may_run_nothing(linear_client) -> None:
    answer = linear_client.get(f"{CHAMPION}/plots/sample_size?{TASK}&format=svg")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith("; sandbox")


def test_the_dark_theme_has_a_dark_ground(linear_client) -> None:
    answer = linear_client.get(f"{CHAMPION}/plots/roc?{TASK}&theme=dark")
    assert answer.json()["config"]["background"] == GROUND


def test_without_the_extra_pictures_are_not_there_and_the_numbers_are(
    make_client, linear_registry: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "vl_convert.py").write_text("raise ModuleNotFoundError('vl_convert')")
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    client = make_client(linear_registry)
    answer = client.get(f"{CHAMPION}/plots/roc?{TASK}&format=svg")
    assert (answer.status_code, answer.json()["code"]) == (501, "plots_not_installed")
    assert client.get(f"{CHAMPION}/plots/roc?{TASK}").status_code == 200
    assert client.get(f"{CHAMPION}/plots/roc?{TASK}&format=csv").status_code == 200


@pytest.mark.parametrize("plot", ["CANARY", "..%2Froc", "roc.svg"])
def test_a_plot_that_is_none_is_not_found(linear_client, plot: str) -> None:
    answer = linear_client.get(f"{CHAMPION}/plots/{plot}?{TASK}")
    assert answer.status_code == 404
    assert "CANARY" not in answer.text


@pytest.mark.parametrize("field", ["format", "theme"])
def test_a_format_or_theme_that_is_none_is_a_fault(linear_client, field: str) -> None:
    answer = linear_client.get(f"{CHAMPION}/plots/roc?{TASK}&{field}=CANARY")
    assert answer.status_code == 422
    assert [fault["path"] for fault in answer.json()["faults"]] == [f"/query/{field}"]
    assert "CANARY" not in answer.text


def test_what_is_known_is_not_sent_again(linear_client, linear_registry: Registry) -> None:
    bundle_id = linear_registry.champion("pretreatment")
    for rest in ("plots", "plots/roc", "plots/roc?format=csv", "report"):
        answer = linear_client.get(f"/v1/models/{bundle_id}/{rest}")
        assert answer.headers["cache-control"] == "private, no-cache"
        known = {"if-none-match": answer.headers["etag"]}
        again = linear_client.ask("GET", f"/v1/models/{bundle_id}/{rest}", headers=known)
        assert (again.status_code, again.content) == (304, b"")


def test_the_report_is_the_bundles_and_may_run_nothing(
    linear_client, linear_registry: Registry
) -> None:
    answer = linear_client.get(f"{CHAMPION}/report?{TASK}")
    bundle = linear_registry.read(linear_registry.champion("pretreatment"))
    assert answer.text == bundle.report
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy
    assert policy.endswith("frame-ancestors 'none'; sandbox")


def test_page_card_api_and_plots_say_the_same_number(
    linear_client, evaluation: dict[str, Any]
) -> None:
    auc = evaluation["auc"]
    two = f"{auc['value']:.2f}", f"{auc['lower']:.2f}", f"{auc['upper']:.2f}"
    report = linear_client.get(f"{CHAMPION}/report?{TASK}").text
    card = linear_client.get(f"{CHAMPION}/card?{TASK}").text
    served = linear_client.get(f"{CHAMPION}?{TASK}").json()["evaluation"]["auc"]
    drawn = linear_client.get(f"{CHAMPION}/plots/auc?{TASK}").json()["data"]["values"][0]
    assert "{} ({} to {})".format(*two) in report
    assert "| {} | {} to {} |".format(*two) in card
    assert served == auc
    assert drawn["value"] == auc["value"]


def test_an_older_bundle_without_a_report_is_served_without_it(
    make_client, linear_registry: Registry, tmp_path: Path
) -> None:
    old = linear_registry.read(linear_registry.champion("pretreatment"))
    registry = Registry(tmp_path / "old")
    bundle_id = write_bundle(
        registry.bundles, old.manifest, evaluation=old.evaluation, estimator=old.estimator,
        booster=None, card=old.card,
    )  # fmt: skip
    answer = make_client(registry).get(f"/v1/models/{bundle_id}/report")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_report")
    assert registry.load(bundle_id).bundle.report is None


def test_no_patient_is_in_a_plot_or_a_report(linear_client, cohort: Any) -> None:
    names = [patient.patient_id for patient in cohort.patients]
    listed = linear_client.get(f"{CHAMPION}/plots?{TASK}").json()["plots"]
    rests = ["report", *(f"plots/{plot['name']}" for plot in listed)]
    for rest in rests:
        text = linear_client.get(f"{CHAMPION}/{rest}?{TASK}").text
        assert not any(name in text for name in names)


def test_pictures_kept_stay_within_their_bound() -> None:
    pictures, drawn = Pictures(most_bytes=10), []

    def draw(name: str) -> bytes:
        return pictures.of((name,), lambda: drawn.append(name) or b"12345")

    for name in ("a", "b", "a", "c", "a", "b"):
        assert draw(name) == b"12345"
    assert drawn == ["a", "b", "c", "b"]


def test_a_picture_asked_for_twice_at_once_is_drawn_once() -> None:
    pictures, drawn, go = Pictures(), [], Event()

    def draw() -> bytes:
        go.wait(10)
        drawn.append(1)
        return b"x"

    threads = [Thread(target=pictures.of, args=(("roc",), draw)) for _ in range(3)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(10)
    assert drawn == [1]


def test_more_than_may_wait_are_turned_away_at_once() -> None:
    pictures, go, started = Pictures(), Event(), Event()

    def draw() -> bytes:
        started.set()
        go.wait(10)
        return b"x"

    names = [(str(n),) for n in range(MOST_DRAWN + MOST_WAITING)]
    threads = [Thread(target=pictures.of, args=(name, draw)) for name in names]
    for thread in threads:
        thread.start()
    started.wait(10)
    while pictures._places.acquire(blocking=False):  # until all of them are in
        pictures._places.release()
    with pytest.raises(RequestError, match="as many charts"):
        pictures.of(("one more",), draw)
    go.set()
    for thread in threads:
        thread.join(10)
    assert pictures.of(("one more",), lambda: b"y") == b"y"
