"""The page of monitoring: the report's numbers and sentences, what is hidden, whose it is."""

import re
from typing import Any

import pytest

from models.registry import Registry
from service.pages import monitoring
from service.pages.words import estimate

EVERY_OTHER = [n % 2 == 0 for n in range(60)]


def text_of(html: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", html, flags=re.S).split())


@pytest.fixture
def read(client: Any) -> Any:
    """`read("task=...")`: what the page says."""
    return lambda query="": text_of(client.get(f"/monitoring?{query}").text)


def test_live_numbers_and_findings_are_those_of_the_report(
    read: Any, look: Any, post: Any, tell: Any
) -> None:
    tell(post(60), EVERY_OTHER)
    (part,) = look("performance")["bundles"]
    page, found = read(), part["estimates"]
    for both in (found["auc"], found["operating_point"]["sensitivity"]):
        assert estimate(both["live"]) in page
        assert estimate(both["training"]) in page
        assert estimate(both["difference"]) in page
        assert both["sentence"][1:] in page
    assert "n = 60 patients with their outcome told, 30 responders and 30 others" in page


def test_few_outcomes_are_hidden_and_said_to_be_too_few(read: Any, post: Any, tell: Any) -> None:
    tell(post(20)[:3], [True, False, True])
    page = read()
    assert "outcome told fewer than 5 patients" in page
    assert "five responders and five others are needed" in page
    assert "In use less training 95 %" not in page


def test_nothing_made_is_said(read: Any) -> None:
    page = read()
    assert "none has been made yet" in page
    assert "none was made in these days by such a bundle" in read("task=pretreatment")


def test_page_says_whose_predictions_it_is_about(client: Any, look: Any, read: Any) -> None:
    assert look("volume")["of"] == "everybody"
    assert "of everybody , all tenants together" in read()


def test_drift_that_the_report_finds_is_named_on_the_first_page(
    client: Any, look: Any, post: Any
) -> None:
    part = client.get("/monitoring/attention").text
    assert "nothing of note" in part
    post(60, shift=3.0)
    assert look("drift")["bundles"][0]["drift"]["attention"] == "alarm"
    said = text_of(client.get("/monitoring/attention").text)
    assert "On treatment: patients who are sent differ from those who trained (ALARM): " in said
    assert "level of log mcp1" in said


def test_filter_that_fits_nothing_is_refused_in_words(client: Any) -> None:
    for query in ("since=2026-02-30", "task=none", "since=2026-02-02&until=2026-01-01"):
        answer = client.get(f"/monitoring?{query}")
        assert answer.status_code == 422, query
        assert answer.headers["content-type"].startswith("text/html")


def test_refusals_faults_and_latency_are_counted_on_the_page(client: Any, read: Any) -> None:
    for _ in range(5):
        client.post("/v1/predictions", {"patient_id": "P-1", "baseline": {"month": "CANARY"}})
    page = read()
    assert "faults 5" in page
    assert "/v1/predictions 5" in page
    assert "CANARY" not in page


def test_bundle_that_is_gone_leaves_its_counts(client: Any, post: Any, read: Any) -> None:
    post(10)
    client.app.state.champions = type(client.app.state.champions)({})
    client.app.state.registry = Registry(client.app.state.registry.folder / "gone")
    page = read()
    assert "The bundle cannot be read any more" in page
    assert "still to be told 10 predictions" in page
    assert "Volume 10 predictions: 0 voided" in page


def test_bundle_that_goes_between_report_and_page_leaves_its_counts(
    post: Any, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(10)
    assert "cannot be read any more" not in read()
    monkeypatch.setattr(monitoring, "find_bundle", lambda *_: None)
    page = read()
    assert "The bundle cannot be read any more" in page
    assert "Volume 10 predictions: 0 voided" in page
