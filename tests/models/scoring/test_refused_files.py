"""Files that cannot be scored leave nothing behind, and nothing is ever overwritten."""

import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import CsfError, PanelError, TableError
from models.classifier import Classifier
from models.registry import Registry
from models.scoring import score_file as module
from models.scoring.circumstances import Circumstances
from models.scoring.new_file import new_file
from models.scoring.score_file import in_order, score_file

HEADER = "patient_id,baseline_TNF,baseline_MCP-1,follow_up_TNF,follow_up_MCP-1\n"
ROW = "P-1,1.1,512,0.9,450\n"
STATED = Circumstances("pg/mL", "milliplex", 0.0, 1.0)
Score = Callable[..., int]


@pytest.fixture(scope="module")
def classifier(linear_registry: Registry) -> Classifier:
    return linear_registry.load(linear_registry.champion("on_treatment"))


@pytest.fixture
def score(classifier: Classifier, tmp_path: Path) -> Score:
    """`score(content, name, stated)`: rows scored into `out` in an otherwise empty folder."""

    def score(content: bytes, name: str = "in.csv", stated: Circumstances = STATED) -> int:
        (tmp_path / name).write_bytes(content)
        out = tmp_path / f"out{Path(name).suffix}"
        return score_file(classifier, tmp_path / name, out, tmp_path / "faults", stated).n_rows

    return score


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_text_of_any_accepted_kind_is_scored(score: Score, encoding: str, separator: str) -> None:
    text = (HEADER + ROW + "\n" + ROW).replace(",", separator)
    assert score(text.encode(encoding)) == 2


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"\xff" + HEADER.encode(), "not_text"),
        ((HEADER + ROW).encode() + "P-\u00b52,1,1,1,1\n".encode("latin-1"), "not_text"),
        ((HEADER + ROW + 'P-2,"1,1,1,1\n').encode(), "not_csv"),
        ((HEADER + ROW + "P-2," + "1" * 200_000).encode(), "not_csv"),
    ],
)
def test_damaged_text_leaves_nothing(
    score: Score, tmp_path: Path, content: bytes, rule: str
) -> None:
    with pytest.raises(TableError) as refused:
        score(content)
    assert refused.value.rule == rule
    assert os.listdir(tmp_path) == ["in.csv"]


@pytest.mark.parametrize("cut", [0, 3, 200, -1])
def test_damaged_parquet_leaves_nothing(score: Score, tmp_path: Path, cut: int) -> None:
    pq.write_table(pa.table({"patient_id": ["P-1"], "baseline_TNF": [1.0]}), tmp_path / "whole")
    content = (tmp_path / "whole").read_bytes()
    (tmp_path / "whole").unlink()
    with pytest.raises(TableError) as refused:
        score(content[:cut], "in.parquet")
    assert refused.value.rule == "not_parquet"
    assert os.listdir(tmp_path) == ["in.parquet"]


def test_parquet_column_of_neither_text_nor_numbers_is_refused(
    score: Score, tmp_path: Path
) -> None:
    cells = {"patient_id": ["P-1"], "baseline_TNF": [[1.0]], "follow_up_TNF": [1.0]}
    pq.write_table(pa.table(cells), tmp_path / "in.parquet")
    with pytest.raises(TableError, match="text or numbers"):
        score((tmp_path / "in.parquet").read_bytes(), "in.parquet")


@pytest.mark.parametrize(
    ("header", "stated", "found"),
    [
        ("", STATED, {("patient_id", "missing_column"), ("baseline", "missing_column"),
                      ("follow_up", "missing_column")}),
        ("patient_id,baseline_IL-6,follow_up_TNF", STATED, {("baseline", "missing_column")}),
        (HEADER.strip(), Circumstances(),
         {("unit", "unit_not_accepted"), ("follow_up_month", "follow_up_missing")}),
        (HEADER.strip() + ",baseline CCL2,Patient ID", STATED,
         {("baseline CCL2", "duplicate_column"), ("Patient ID", "duplicate_column")}),
        (HEADER.strip() + ",unit", STATED, {("unit", "said_twice")}),
        (HEADER.strip() + ",lloq_TNF", Circumstances("pg/mL", None, 0.0, 1.0, lloq={"TNF": 1.0}),
         {("lloq_TNF", "said_twice")}),
    ],
)  # fmt: skip
def test_columns_that_are_not_those_of_panels_are_refused_before_any_row(
    score: Score, tmp_path: Path, header: str, stated: Circumstances, found: set[tuple[str, str]]
) -> None:
    with pytest.raises(PanelError) as refused:
        score((header + "\n" + ROW).encode(), stated=stated)
    assert {(fault.path, fault.code) for fault in refused.value.faults} == found
    assert os.listdir(tmp_path) == ["in.csv"]


@pytest.mark.parametrize("name", ["out.csv", "faults"])
def test_what_is_there_is_not_overwritten(score: Score, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(CsfError, match="not overwritten"):
        score((HEADER + ROW).encode())
    assert (tmp_path / name).read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == sorted(["in.csv", name])


def test_what_came_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    writing = new_file(path)
    writing.__enter__().write_text("ours")
    path.write_text("theirs")
    with pytest.raises(CsfError, match="not overwritten"):
        writing.__exit__(None, None, None)
    assert path.read_text() == "theirs"
    assert os.listdir(tmp_path) == ["out.csv"]


def test_predictions_and_faults_are_different_files(classifier: Classifier, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(HEADER + ROW)
    out = tmp_path / "out.csv"
    with pytest.raises(CsfError, match="different files"):
        score_file(classifier, tmp_path / "in.csv", out, out, STATED)


def test_file_without_rows_gives_a_header(score: Score, tmp_path: Path) -> None:
    assert score(HEADER.encode()) == 0
    assert (tmp_path / "out.csv").read_text().startswith("patient_id,score,")
    pq.write_table(
        pa.table({name: pa.array([], pa.float64()) for name in HEADER.strip().split(",")}),
        tmp_path / "in.parquet",
    )
    assert score((tmp_path / "in.parquet").read_bytes(), "in.parquet") == 0
    assert pq.read_table(tmp_path / "out.parquet").column_names[1] == "score"


def test_rows_are_read_only_a_few_ahead_and_keep_their_order() -> None:
    read = []

    def rows():
        for number in range(50):
            read.append(number)
            yield number

    given = []
    for number in in_order(lambda number: number, rows()):
        given.append(number)
        assert len(read) - len(given) <= 2 * (os.cpu_count() or 1)
    assert given == list(range(50))


def test_failure_while_scoring_leaves_nothing(
    score: Score, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(module, "answer_rows", fail)
    with pytest.raises(MemoryError):
        score((HEADER + ROW).encode())
    assert os.listdir(tmp_path) == ["in.csv"]
