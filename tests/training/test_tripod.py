from collections.abc import Callable
from pathlib import Path

import pytest

from data.cohort import Cohort
from data.errors import ConfigError
from data.sources.cohort_config import read_config
from training.config import TrainingConfig
from training.run import Trained
from training.tripod import TripodRow, tripod_items, tripod_markdown, tripod_table


@pytest.fixture(scope="module")
def trained(cohort: Cohort, train_quickly: Callable[..., Trained]) -> Trained:
    return train_quickly(cohort, "on_treatment")


def rows(trained: Trained, **answers: str) -> dict[str, TripodRow]:
    said = {item.removeprefix("item_"): answer for item, answer in answers.items()}
    return {row.item: row for row in tripod_table(trained.manifest, trained.evaluation, said)}


def test_each_of_the_52_items_is_answered_open_or_not_applicable(trained: Trained) -> None:
    found = rows(trained)
    assert list(found) == list(tripod_items())
    assert len(found) == 52
    assert all(row.answer for row in found.values())
    assert {row.source for row in found.values()} == {"run", "open"}
    assert all(row.answer.startswith("not applicable") for row in (found["16"], found["20c"]))
    assert all("not available" in r.answer for r in found.values() if r.source == "open")


def test_a_persons_answer_stands_beside_the_runs_and_closes_an_open_item(trained: Trained) -> None:
    found = rows(trained, item_10="All who took part.", item_17="Ethics 12/2014.")
    assert found["10"].answer == rows(trained)["10"].answer + " All who took part."
    assert (found["10"].source, found["17"].source) == ("run and config", "config")
    assert found["17"].answer == "Ethics 12/2014."


def test_an_answer_on_many_lines_stays_one_row_without_markup(trained: Trained) -> None:
    said = rows(trained, item_17="a | b\n\n<img src=x>\n| 18a | forged | yes | run |")
    lines = tripod_markdown(list(said.values()))
    (line,) = [line for line in lines if line.startswith("| 17 |")]
    assert line.count("|") - line.count(r"\|") == 5
    assert "<img" not in line.replace(r"\<", "")


def test_the_card_holds_the_answers_and_lists_what_is_open(
    trained: Trained, tmp_path: Path
) -> None:
    card = (tmp_path / trained.write(tmp_path) / "card.md").read_text()
    assert "## TRIPOD+AI" in card
    for row in rows(trained).values():
        if row.source == "open":
            assert f"{row.item} {row.topic.lower()}" in card
        else:
            assert f"| {row.item} | {row.topic} | {row.answer} | run |" in card


def test_an_unknown_item_is_refused(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[tripod]\n28 = "yes"')
    with pytest.raises(ConfigError, match="no item"):
        read_config(tmp_path / "settings.toml", TrainingConfig)


def test_answers_are_read_by_item(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text('[tripod]\n5b = "2014 to 2016"\n17 = "yes"')
    answers = read_config(tmp_path / "settings.toml", TrainingConfig).tripod
    assert answers == {"5b": "2014 to 2016", "17": "yes"}
