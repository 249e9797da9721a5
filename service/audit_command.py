"""The commands `audit verify|export|recompute`."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from models.durable import replace_file
from models.options import JsonOption, RegistryOption, open_registry
from service.opening import opened_store
from service.recomputing import RecomputingReport, recompute
from service.settings import read_settings
from service.store.audit import AuditReport, export_audit, verify_audit
from service.store.audit_chain import Head

app = typer.Typer(no_args_is_help=True, add_completion=False)

_HEAD: Final = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


@app.callback()
def audit() -> None:
    """Look after the chain of everything that happened."""


@app.command()
def verify(
    kept: Annotated[
        str | None,
        typer.Option(help="N:HASH that an earlier verify gave; finds what was put back."),
    ] = None,
    head: Annotated[
        Path | None, typer.Option(help="A file with the end that an earlier verify wrote.")
    ] = None,
    write_head: Annotated[
        Path | None, typer.Option(help="Where to write the end, if all is well.")
    ] = None,
    registry: RegistryOption = Path("registry"),
    as_json: JsonOption = False,
) -> None:
    """Look at every event and every row; exit with 1 where something was done from outside.

    Kept on another machine, the end of the audit finds what even somebody with the pepper
    took away or wrote anew.
    """
    if kept is not None and head is not None:
        raise typer.BadParameter("an earlier end comes from --kept or from --head, not from both")
    before = None if kept is None else _head(kept, "--kept")
    if head is not None:
        before = _head(head.read_text("utf-8", "replace").strip(), "the file of --head")
    with opened_store(read_settings({"registry": registry})) as store:
        report = verify_audit(store, kept=before)
    if write_head is not None and not report.faults:
        replace_file(write_head, f"{_stated(report.last)}\n".encode())
    if as_json:
        print(json.dumps(asdict(report)))
    else:
        for line in _lines(report):
            print(line)
    if report.faults:
        raise typer.Exit(1)


@app.command()
def export(
    out: Annotated[Path | None, typer.Option(help="A new file; left out, printed.")] = None,
    registry: RegistryOption = Path("registry"),
    as_json: JsonOption = False,
) -> None:
    """Write every event as one line of JSON, the first one first; it has no patient."""
    with opened_store(read_settings({"registry": registry})) as store:
        if out is not None:
            n_events = _write(out, export_audit(store))
            done = {"file": str(out), "n_events": n_events}
            print(json.dumps(done) if as_json else f"Wrote {n_events} events to {out}.")
        elif as_json:
            print(json.dumps({"events": [json.loads(line) for line in export_audit(store)]}))
        else:
            for line in export_audit(store):
                print(line.decode())


@app.command("recompute")
def recompute_predictions(
    registry: RegistryOption = Path("registry"), as_json: JsonOption = False
) -> None:
    """Make every kept prediction again; exit with 1 where an answer comes out otherwise."""
    bundles = open_registry(registry)
    with opened_store(read_settings({"registry": registry})) as store:
        report = recompute(store, bundles)
    print(json.dumps(asdict(report)) if as_json else "\n".join(_comparison(report)))
    if report.n_different:
        raise typer.Exit(1)


def _write(path: Path, lines: Iterator[bytes]) -> int:
    n_lines = 0
    with path.open("xb") as file:
        for line in lines:
            file.write(line + b"\n")
            n_lines += 1
    return n_lines


def _head(stated: str, source: str) -> Head:
    found = _HEAD.fullmatch(stated)
    if found is None:
        raise typer.BadParameter(f"{source} is N:HASH as an earlier verify gave it")
    return Head(int(found[1]), found[2])


def _stated(head: Head) -> str:
    return f"{head.n_events}:{head.hash}"


def _lines(report: AuditReport) -> Iterator[str]:
    for fault in report.faults:
        yield f"{fault.kind} at event {fault.seq}"
    verdict = "NOT intact" if report.faults else "Intact"
    yield f"{verdict}: {report.n_events} events, the last is {_stated(report.last)}"


def _comparison(report: RecomputingReport) -> Iterator[str]:
    for prediction_id in report.different:
        yield f"different: {prediction_id}"
    yield (
        f"{report.n_identical} identical, {report.n_different} different; "
        f"{report.n_erased} cannot be made again, for their input was erased."
    )
