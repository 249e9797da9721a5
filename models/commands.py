"""The commands `models list|show|sign|promote|rollback|verify`."""

import getpass
import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from data.panel import TASK_NAMES, TaskName
from models.bundle import REPORT, sign_bundle
from models.classifier import load_classifier
from models.errors import BundleError
from models.history import Change
from models.options import BundleArgument, JsonOption, RegistryOption, open_registry
from models.registry import Registry
from models.validation_store import KeptValidation, validations_of

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def models() -> None:
    """Look after the bundles of a registry."""


NOTES = {"S": "simulated", "E": "exploratory"}
VERDICTS = {"C": "confirmed", "I": "inconclusive", "F": "failed", "?": "damaged"}
"""Letters of the latest validation; both kinds of letters share one column."""

ReasonOption = Annotated[str, typer.Option(help="Why, for the history.")]


@app.command("list")
def list_bundles(registry: RegistryOption = Path("registry"), as_json: JsonOption = False) -> None:
    """List all bundles, oldest first: champions with a star, damaged ones named below."""
    found = open_registry(registry)
    champions = found.champions()
    rows = [_row(found, bundle_id, champions) for bundle_id in found.bundle_ids()]
    if as_json:
        print(json.dumps({"bundles": rows}))
        return
    whole = [row for row in rows if "damaged" not in row]
    if whole:
        Console().print(_table(whole))
        print("* champion" + "".join(f", {letter} {name}" for letter, name in NOTES.items()))
    if any(row["validation"] for row in whole):
        listed = ", ".join(f"{letter} {name}" for letter, name in VERDICTS.items())
        print(f"latest validation: {listed}")
    for row in rows:
        if "damaged" in row:
            print(f"DAMAGED {row['bundle_id']}: {row['damaged']}")
    if not rows:
        print(f"No bundles in {registry}.")


def _table(rows: list[dict[str, Any]]) -> Table:
    """One line per bundle, within 80 columns."""
    names = ("bundle", "task", "AUC (95 %)", "n", "")
    table = Table(*(Column(name, no_wrap=True) for name in names), box=None, pad_edge=False)
    for row in rows:
        auc = row["auc"]
        notes = [letter for letter, name in NOTES.items() if row[name]]
        notes += [letter for letter, name in VERDICTS.items() if row["validation"] == name]
        table.add_row(
            ("* " if row["champion"] else "  ") + row["bundle_id"],
            row["task"],
            f"{auc['value']:.2f} ({auc['lower']:.2f}-{auc['upper']:.2f})",
            str(row["n_patients"]),
            " ".join(notes),
        )
    return table


def _row(registry: Registry, bundle_id: str, champions: dict[TaskName, str]) -> dict[str, Any]:
    try:
        bundle = registry.read(bundle_id)
    except BundleError as error:
        return {"bundle_id": bundle_id, "damaged": error.problem}
    task = bundle.manifest.task.name
    return {
        "bundle_id": bundle_id,
        "task": task,
        "champion": champions.get(task) == bundle_id,
        "auc": bundle.evaluation["auc"],
        "n_patients": bundle.evaluation["n_patients"],
        "simulated": bundle.manifest.simulated,
        "exploratory": bundle.manifest.exploratory,
        "validation": _latest_verdict(validations_of(registry.folder_of(bundle_id))),
    }


def _latest_verdict(validations: Sequence[KeptValidation]) -> str | None:
    """Verdict of the newest validation; `damaged` where its file was changed."""
    if not validations:
        return None
    content = validations[-1].content
    return "damaged" if content is None else str(content["verdict"])


@app.command()
def show(
    bundle_id: BundleArgument,
    registry: RegistryOption = Path("registry"),
    as_json: JsonOption = False,
) -> None:
    """Show a bundle's card and its validations, or with --json everything about it."""
    found = open_registry(registry)
    folder = found.folder_of(bundle_id)
    bundle, validations = found.read_folder(folder), validations_of(folder)
    if as_json:
        manifest = bundle.manifest.model_dump(mode="json")
        everything = {
            "manifest": manifest,
            "evaluation": dict(bundle.evaluation),
            "validations": [asdict(kept) for kept in validations],
            "report": None if bundle.report is None else str(folder / REPORT),
        }
        print(json.dumps(everything))
        return
    print(bundle.card, end="")
    if bundle.report is not None:
        print(f"\nWith charts: {folder / REPORT}")
    if validations:
        print("\n## Validations\n")
    for kept in validations:
        print(f"- {_line(kept)}")


def _line(kept: KeptValidation) -> str:
    """One validation in one sentence."""
    if kept.content is None:
        return f"DAMAGED {kept.problem}"
    simulated = "SIMULATED DATA, " if kept.content["simulated"] else ""
    at, verdict = kept.content["validated_at"], kept.content["verdict"]
    return f"{at} {simulated}{verdict}: {kept.content['verdict_reason']}."


@app.command()
def verify(
    bundle_id: BundleArgument,
    registry: RegistryOption = Path("registry"),
    as_json: JsonOption = False,
) -> None:
    """Check a bundle's signature if one is asked for, digests, libraries and golden rows."""
    found = open_registry(registry)
    bundle = load_classifier(found.read_folder(found.folder_of(bundle_id))).bundle
    verified = {"bundle_id": bundle.bundle_id, "content_sha256": bundle.content_sha256}
    print(json.dumps(verified) if as_json else f"Intact: {bundle.bundle_id}")


@app.command()
def sign(
    bundle_id: BundleArgument,
    key: Annotated[Path, typer.Option(help="An Ed25519 private key in PEM, mode 0600.")],
    registry: RegistryOption = Path("registry"),
    as_json: JsonOption = False,
) -> None:
    """Sign an intact bundle, for services that use signed ones only."""
    bundle = sign_bundle(Registry(registry).folder_of(bundle_id), key)
    signed = {"bundle_id": bundle.bundle_id, "content_sha256": bundle.content_sha256}
    print(json.dumps(signed) if as_json else f"Signed: {bundle.bundle_id}")


@app.command()
def promote(
    bundle_id: Annotated[str, typer.Argument(help="The bundle to serve from now on.")],
    registry: RegistryOption = Path("registry"),
    reason: ReasonOption = "",
    as_json: JsonOption = False,
) -> None:
    """Make a bundle the champion of its task, if it meets the registry's promotion.toml."""
    found = open_registry(registry)
    change = found.promote(bundle_id, by=_user(), reason=reason, now=datetime.now(UTC))
    _print_change(change, as_json=as_json)


@app.command()
def rollback(
    task: Annotated[str, typer.Argument(help="pretreatment or on_treatment.")],
    registry: RegistryOption = Path("registry"),
    reason: ReasonOption = "",
    as_json: JsonOption = False,
) -> None:
    """Bring back the champion that the present one replaced."""
    names = [name for name in TASK_NAMES if name == task]
    if not names:
        raise typer.BadParameter(f"the task must be {' or '.join(TASK_NAMES)}")
    found = open_registry(registry)
    change = found.rollback(names[0], by=_user(), reason=reason, now=datetime.now(UTC))
    _print_change(change, as_json=as_json)


def _user() -> str:
    """Who runs this: a name, or the number where the system has no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _print_change(change: Change, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({name: getattr(change, name) for name in change.__slots__}))
    else:
        instead = f" instead of {change.predecessor}" if change.predecessor else ""
        print(f"{change.bundle_id} is now the champion of {change.task}{instead}.")
        print("A service that is running follows within a second.")
