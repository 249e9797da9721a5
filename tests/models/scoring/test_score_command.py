"""`csf-responder score`, run as a data scientist runs it, on files of both kinds."""

import csv
import io
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from csf_responder import main
from data.measurement import read_measurement
from data.panel import Panel, PanelPair
from models.classifier import Classifier
from models.registry import Registry
from models.scoring import csv_file, parquet_file

Run = Callable[..., tuple[int, str, str]]
Row = dict[str, Any]
STATED = ("--unit", "pg/mL", "--platform", "milliplex", "--follow-up-month", "1.25")
RANGES = {"TNF": (0.3, 20), "MCP-1": (100, 2000), "TGF-b1": (10, 1500)}
LLOQ = {"TNF": 0.7, "MCP-1": 150.0, "TGF-b1": 20.0}
LIMITS = tuple(f"--lloq={name}={limit}" for name, limit in LLOQ.items())
NUMBERS = ("score", "probability", "lower", "upper")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run(registry, *arguments)` in an empty folder: exit code, standard output and error."""
    monkeypatch.chdir(tmp_path)

    def run(registry: Registry, *arguments: object) -> tuple[int, str, str]:
        given = ["score", *map(str, arguments), "--registry", str(registry.folder)]
        monkeypatch.setattr(sys, "argv", ["csf-responder", *given])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed.out, printed.err

    return run


def made_up(n: int, *, texts: bool) -> list[Row]:
    """Panels as numbers, or as what laboratories write instead."""
    rng = random.Random(3)  # noqa: S311 - made-up panels
    rows = []
    for row in range(n):
        cells: Row = {"patient_id": f"P-{row:03d}"}
        for panel in ("baseline", "follow_up"):
            for name, (lower, upper) in RANGES.items():
                number = round(lower * (upper / lower) ** rng.random(), 3)
                written = [f"{number}", f"*{number}", f"<{LLOQ[name]}", "OOR <", f"{number:.2e}"]
                if name == "TNF":
                    written.append("NA")
                cells[f"{panel}_{name}"] = rng.choice(written) if texts else number
        rows.append(cells)
    return rows


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)
        return path
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path: Path) -> list[Row]:
    """Rows of a file of predictions; what CSV says is turned into what Parquet holds."""
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    rows: list[Row] = list(csv.DictReader(io.StringIO(path.read_text())))
    words = {"yes": True, "no": False, "": None}
    for row in rows:
        row |= {name: float(row[name]) if row[name] else None for name in NUMBERS}
        row |= {name: words[row[name]] for name in ("responder", "simulated")}
    return rows


def faults_of(path: Path) -> list[tuple[str, ...]]:
    found = csv.DictReader(io.StringIO(path.read_text()))
    return [(row["row"], row["patient_id"], row["column"], row["code"]) for row in found]


def alone(classifier: Classifier, row: Row) -> Row:
    """What the library says about one row."""

    def panel(name: str, month: float) -> Panel:
        measured = (
            read_measurement(
                classifier.analyte_table, analyte, row[f"{name}_{analyte}"],
                unit="pg/mL", lloq=LLOQ[analyte], platform="milliplex",
            )
            for analyte in RANGES
        )  # fmt: skip
        return Panel(month, tuple(measured))

    pair = PanelPair(row["patient_id"], panel("baseline", 0), panel("follow_up", 1.25))
    found = classifier.predict_pairs([pair])
    flags = {flag.code for flag in (*found.cell_flags, *classifier.pair_flags(pair))}
    numbers = {name: getattr(found.scores, name)[0].item() for name in NUMBERS}
    return {"patient_id": row["patient_id"], "flags": flags, "responder": found.responder[0].item(),
            **numbers}  # fmt: skip


@pytest.mark.parametrize("texts", [False, True])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_every_row_has_the_bits_of_a_single_prediction(
    run: Run, champions: Registry, suffix: str, texts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_file, "ROWS", 7)  # so that rows come in several parts
    monkeypatch.setattr(parquet_file, "ROWS", 7)
    rows = made_up(60, texts=texts)
    file, out = write(Path(f"in{suffix}"), rows), Path(f"out{suffix}")
    code, printed, _ = run(champions, "champion:on_treatment", file, "--out", out, *STATED, *LIMITS)
    assert (code, printed[:15]) == (0, "SIMULATED DATA.")
    classifier = champions.load(champions.champion("on_treatment"))
    for row, answered in zip(rows, read(out), strict=True):
        assert answered.pop("bundle_id") == classifier.bundle_id
        assert answered.pop("simulated") is True
        answered["flags"] = set(answered["flags"].split())
        assert answered == alone(classifier, row)
    assert not Path(f"out{suffix}.faults.csv").exists()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_faulty_rows_are_blank_and_listed_and_the_others_scored(
    run: Run, linear_registry: Registry, suffix: str
) -> None:
    rows = made_up(4, texts=True)
    rows[1]["baseline_TNF"], rows[1]["follow_up_MCP-1"] = "hemolysed-4711", "1,234"
    rows[2] |= {f"follow_up_{name}": "" for name in RANGES}
    rows[3]["patient_id"] = "=4711+1"
    file, out = write(Path(f"in{suffix}"), rows), Path(f"out{suffix}")
    ended = run(linear_registry, "champion:on_treatment", file, "--out", out, *STATED, *LIMITS)
    assert ended[0] == 1
    first, *others = read(out)
    assert first["score"] is not None
    assert [row["patient_id"] or None for row in others] == ["P-001", "P-002", None]
    assert all((row[name] or None) is None for row in others for name in (*NUMBERS, "flags"))
    faults = Path(f"out{suffix}.faults.csv")
    assert faults_of(faults) == [
        ("3", "P-001", "baseline_TNF", "unreadable_result"),
        ("3", "P-001", "follow_up_MCP-1", "ambiguous_number"),
        ("4", "P-002", "follow_up", "nothing_reported"),
        ("5", "", "patient_id", "bad_id"),
    ]
    assert "4711" not in "".join(map(str, ended)) + faults.read_text() + str(others)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_facts_may_differ_from_row_to_row(run: Run, linear_registry: Registry, suffix: str) -> None:
    rows = made_up(5, texts=False)
    facts = [
        ("pg/mL", "milliplex", 1.25, 0.7), ("ng/mL", "milliplex", 1.25, None), ("pg/ML", "", 1, 0),
        ("pg/mL", "msd", 4, None), ("pg/mL", "milliplex", 9, None),
    ]  # fmt: skip
    for row, (unit, platform, month, lloq) in zip(rows, facts, strict=True):
        row |= {"Unit": unit, "platform": platform, "Follow-up month": month, "LLOQ tnf": lloq}
    for name in rows[1].keys() & {f"{p}_{n}" for p in ("baseline", "follow_up") for n in RANGES}:
        rows[1][name] = rows[0][name] / 1000
        rows[0][name] = max(rows[0][name], 0.7)
    file, out = write(Path(f"in{suffix}"), rows), Path(f"out{suffix}")
    assert run(linear_registry, "champion:on_treatment", file, "--out", out)[0] == 1
    first, same, *_ = read(out)
    assert same["score"] == pytest.approx(first["score"], rel=1e-9)
    flags = [row["flags"] for row in read(out)]
    assert {"concurrent_not_a_prediction", "unknown_platform"} <= set(flags[3].split())
    assert faults_of(Path(f"out{suffix}.faults.csv")) == [
        ("4", "P-002", "unit", "unit_not_accepted"),
        ("4", "P-002", "lloq_TNF", "limit_not_positive"),
        ("6", "P-004", "follow_up_month", "follow_up_after_horizon"),
    ]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_column_that_nobody_reads_or_that_is_missing_is_a_warning(
    run: Run, linear_registry: Registry, suffix: str
) -> None:
    rows = [{**row, "site": "A", "baseline MCP-l": 1} for row in made_up(2, texts=False)]
    for row in rows:
        del row["follow_up_TNF"]
    file, out = write(Path(f"in{suffix}"), rows), Path(f"out{suffix}")
    arguments = ("champion:on_treatment", file, "--out", out, *STATED, "--json")
    code, printed, errors = run(linear_registry, *arguments)
    told = json.loads(printed)
    assert (code, errors, told["n_rows"], told["n_faulty"]) == (0, "", 2, 0)
    warned = {found["column"]: found["message"] for found in told["warnings"]}
    assert warned.keys() == {"site", "baseline MCP-l", "follow_up_TNF"}
    assert "MCP-1" in warned["baseline MCP-l"]
    assert all("imputed_missing" in row["flags"] for row in read(out))


def test_follow_up_results_are_not_used_before_treatment_and_said(
    run: Run, linear_registry: Registry
) -> None:
    file = write(Path("in.csv"), made_up(2, texts=False))
    stated = ("--unit", "pg/mL", "--platform", "milliplex")
    run(linear_registry, "champion:pretreatment", file, "--out", "out.csv", *stated)
    assert all("follow_up_not_used" in row["flags"] for row in read(Path("out.csv")))
    refused = run(linear_registry, "champion:pretreatment", file, "--out", "b.csv", *stated[:2])
    assert refused[0] == 1
    assert {fault[2:] for fault in faults_of(Path("b.csv.faults.csv"))} == {
        ("platform", "unknown_platform")
    }


def test_a_limit_decides_where_no_column_does(run: Run, linear_registry: Registry) -> None:
    file = write(Path("in.csv"), made_up(3, texts=False))
    limits = ("--uloq", "mcp1=0,5")
    run(linear_registry, "champion:on_treatment", file, "--out", "out.csv", *STATED, *limits)
    assert {fault[3] for fault in faults_of(Path("out.csv.faults.csv"))} == {"implausible_value"}


@pytest.mark.parametrize("library", ["pyarrow", "pyarrow.parquet"])
def test_parquet_without_its_library_says_what_to_install_and_csv_does_without(
    run: Run, linear_registry: Registry, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = made_up(2, texts=False)
    csv_in, parquet_in = write(Path("in.csv"), rows), write(Path("in.parquet"), rows)
    monkeypatch.delitem(sys.modules, "models.scoring.parquet_file")
    monkeypatch.setitem(sys.modules, library, None)
    arguments = ("champion:on_treatment", parquet_in, "--out", "out.parquet", *STATED)
    code, _, errors = run(linear_registry, *arguments)
    assert code == 1
    assert "pip install 'csf-responder[training]'" in errors
    arguments = ("champion:on_treatment", csv_in, "--out", "out.csv", *STATED)
    assert run(linear_registry, *arguments)[0] == 0
