"""The command `store backup`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from models.options import JsonOption, RegistryOption
from service.opening import opened_store
from service.settings import read_settings
from service.store.backup import backup

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def store() -> None:
    """Look after the database of predictions, keys and audit."""


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
