"""The commands `store backup|rotate-pepper|drop-peppers`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from models.options import JsonOption, RegistryOption
from service.keys_command import command_actor
from service.opening import database_address, opened_store
from service.settings import read_settings
from service.store.backup import backup
from service.store.rotation import drop_earlier_peppers, rotate_pepper

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def store() -> None:
    """Look after the database of predictions, keys and audit, and after its pepper."""


@app.command("backup")
def write_backup(
    file: Annotated[Path, typer.Argument(help="A file that is not there yet.")],
    registry: RegistryOption = Path("registry"),
    as_json: JsonOption = False,
) -> None:
    """Copy the SQLite database while the service runs; keep the pepper elsewhere."""
    with opened_store(read_settings({"registry": registry})) as found:
        backup(found, file)
    print(json.dumps({"file": str(file)}) if as_json else f"Wrote {file}.")


@app.command("rotate-pepper")
def rotate(registry: RegistryOption = Path("registry"), as_json: JsonOption = False) -> None:
    """Put the database under a new pepper; start running services again after it."""
    settings = read_settings({"registry": registry})
    older = rotate_pepper(
        database_address(settings), settings.pepper_path,
        actor=command_actor(), now=datetime.now(UTC),
    )  # fmt: skip
    if as_json:
        print(json.dumps({"file": str(settings.pepper_path), "older_keys": older}))
        return
    print("The database is under a new pepper. Running services record nothing until they are")
    print("started again. Keys that were made with an earlier pepper still open:")
    print("  " + (" ".join(older) or "none"))
    print("Make others in their place and revoke them; then csf-responder store drop-peppers.")


@app.command("drop-peppers")
def drop(registry: RegistryOption = Path("registry"), as_json: JsonOption = False) -> None:
    """Take earlier peppers out of the file; refused while keys that need them are valid."""
    settings = read_settings({"registry": registry})
    drop_earlier_peppers(
        database_address(settings), settings.pepper_path,
        actor=command_actor(), now=datetime.now(UTC),
    )  # fmt: skip
    done = {"file": str(settings.pepper_path)}
    print(json.dumps(done) if as_json else f"{settings.pepper_path} has one pepper.")
