"""A panel that a person types in: the API's numbers, every fault beside its field, nothing kept."""

import html
import re
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from service.pages.words import estimate, fixed
from service.store.volume import count_predictions

TASKS = ("pretreatment", "on_treatment")


def fields_of(page: str) -> dict[str, str]:
    """The form of a page as a browser would send it."""
    found = re.findall(r'<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def example(client: Any, task: str) -> dict[str, str]:
    return fields_of(client.get(f"/try?task={task}&example=1").text)


def send(client: Any, form: dict[str, str]) -> Any:
    headers = {"content-type": "application/x-www-form-urlencoded", "origin": "http://test"}
    return client.ask("POST", "/try", content=urlencode(form).encode(), headers=headers)


@pytest.mark.parametrize("task", TASKS)
def test_example_is_answered_with_the_numbers_of_the_api(linear_client: Any, task: str) -> None:
    page = send(linear_client, example(linear_client, task))
    assert page.status_code == 200
    shown = re.search(r"<pre[^>]*><code>POST /v1/predictions\s+(.*?)</code>", page.text, re.S)
    assert shown is not None
    said = linear_client.post("/v1/predictions", orjson.loads(html.unescape(shown[1]))).json()
    assert f'<p class="big">{fixed(said["probability"])}</p>' in page.text
    assert estimate(said["operating_point"]["sensitivity"]) in page.text
    for term in said["contributions"]["features"]:
        assert f"<code>{term['name']}</code>" in page.text


@pytest.mark.parametrize(("field", "text", "said"), [
    ("baseline/measurements/0/result", "abc", "A result is written like"),
    ("baseline/measurements/1/result", "-3", "above 0"),
    ("baseline/measurements/1/unit", "IU/mL", "unit"),
    ("baseline/measurements/0/lloq", "0,7", "with a point before its decimals"),
    ("baseline/measurements/0/lloq", "nan", "must be a number"),
    ("baseline/month", "", "Say in which month"),
    ("baseline/month", "soon", "must be a number"),
    ("baseline/month", "3", "month"),
    ("follow_up/month", "60", "month"),
])  # fmt: skip
def test_fault_stands_beside_its_field(
    linear_client: Any, field: str, text: str, said: str
) -> None:
    page = send(linear_client, example(linear_client, "on_treatment") | {field: text})
    assert page.status_code == 422
    fault = re.search(f'<p class="fault" id="fault-{field}">(.*?)</p>', page.text)
    assert fault is not None, page.text
    assert said in fault[1]
    assert "What the classifier says" not in page.text


def test_all_faults_come_at_once_and_what_was_typed_stays(linear_client: Any) -> None:
    wrong = {"baseline/month": "", "baseline/measurements/0/result": "abc", "follow_up/month": "x"}
    page = send(linear_client, example(linear_client, "on_treatment") | wrong)
    assert "<strong>3 faults</strong>" in page.text
    assert fields_of(page.text)["baseline/measurements/0/result"] == "abc"


def test_flag_is_said_in_words_beside_its_row(linear_client: Any) -> None:
    form = example(linear_client, "on_treatment")
    assert form["baseline/measurements/0/result"].startswith("<")
    assert "Below the limit of quantification" in send(linear_client, form).text


def test_nothing_that_is_tried_is_kept_or_counted(linear_client: Any) -> None:
    store = linear_client.app.state.store
    before = count_predictions(store, "(anonymous)"), linear_client.get("/metrics").text
    assert send(linear_client, example(linear_client, "on_treatment")).status_code == 200
    assert count_predictions(store, "(anonymous)") == before[0]
    counted = [
        [line for line in text.splitlines() if line.startswith(("csf_predictions", "csf_recorded"))]
        for text in (before[1], linear_client.get("/metrics").text)
    ]
    assert counted[0] == counted[1]


def test_empty_form_says_that_a_panel_needs_a_result(linear_client: Any) -> None:
    page = send(linear_client, fields_of(linear_client.get("/try").text))
    assert page.status_code == 422
    assert "nothing was predicted" in page.text


def test_task_without_a_champion_is_not_offered(
    make_client: Any, registry_with_one_task: Any
) -> None:
    page = make_client(registry_with_one_task).get("/try?task=on_treatment")
    assert 'name="task" value="pretreatment"' in page.text
    assert "task=on_treatment" not in page.text
