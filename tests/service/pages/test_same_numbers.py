"""One bundle's headline read where people and programs read it: page, report, card, API."""

import re
from typing import Any

import pytest

from models.registry import Registry
from service.pages.words import fixed

NUMBER = r"(\d\.\d\d)"
INTERVAL = rf"{NUMBER} \({NUMBER} to {NUMBER}\)"
Numbers = dict[str, tuple[str, ...]]


def text_of(html: str) -> str:
    """What a page says, without its tags."""
    text = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", html, flags=re.S)
    return " ".join(text.split())


def read(text: str, patterns: dict[str, str]) -> Numbers:
    """The numbers that a text says, by what they are."""
    found = {name: re.search(pattern, text) for name, pattern in patterns.items()}
    assert all(found.values()), [name for name, match in found.items() if match is None]
    return {name: match.groups() for name, match in found.items() if match}


def as_written(estimate: dict[str, Any]) -> tuple[str, ...]:
    return tuple(fixed(estimate[part]) for part in ("value", "lower", "upper"))


PAGE = {
    "auc": rf"AUC {INTERVAL}, \d+ responders",
    "n": r"trained by (\d+) patients, (\d+) responders",
    "threshold": rf"it answers with {NUMBER}",
    "sensitivity": rf"sensitivity {INTERVAL}",
    "specificity": rf"specificity {INTERVAL}",
}
REPORT = {
    "auc": rf"whole procedure {INTERVAL}",
    "n": r"n = (\d+) patients, (\d+) responders",
    "threshold": rf"from a probability of {NUMBER}",
    "sensitivity": rf"sensitivity {INTERVAL}",
    "specificity": rf"specificity {INTERVAL}",
}
CARD = {
    "auc": rf"out of fold \| {NUMBER} \| {NUMBER} to {NUMBER} \|",
    "n": r"(\d+) patients, (\d+) of them responders",
    "threshold": rf"from a probability of {NUMBER}",
    "sensitivity": rf"sensitivity {INTERVAL}",
    "specificity": rf"specificity {INTERVAL}",
}


@pytest.mark.parametrize("task", ["pretreatment", "on_treatment"])
def test_page_report_card_and_api_say_the_same_headline(
    linear_client: Any, linear_registry: Registry, task: Any
) -> None:
    bundle_id = linear_registry.champion(task)
    api = f"/v1/models/{bundle_id}"
    found = linear_client.get(api).json()["evaluation"]
    point = found["operating_point"]
    said = {
        "auc": as_written(found["auc"]),
        "n": (str(found["n_patients"]), str(found["n_responders"])),
        "threshold": (fixed(point["threshold"]),),
        "sensitivity": as_written(point["sensitivity"]),
        "specificity": as_written(point["specificity"]),
    }
    assert read(text_of(linear_client.get(f"/models/{bundle_id}").text), PAGE) == said
    assert read(text_of(linear_client.get(f"{api}/report").text), REPORT) == said
    assert read(linear_client.get(f"{api}/card").text, CARD) == said
