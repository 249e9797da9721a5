"""The commands `keys create|list|revoke`."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from data.identifier import is_identifier
from models.options import JsonOption, RegistryOption
from service.opening import opened_store
from service.settings import read_settings
from service.store.keys import SCOPES, ApiKey, create_key, list_keys, revoke_key

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def keys() -> None:
    """Make, list and revoke the keys of laboratories and dashboards."""


@app.command()
def create(
    tenant: Annotated[str, typer.Option(help="Whose records it sees: a laboratory, a trial.")],
    scope: Annotated[list[str], typer.Option(help=f"Once for each of: {', '.join(SCOPES)}.")],
    days: Annotated[int, typer.Option(help="Until it expires.", min=1, max=3650)] = 365,
    registry: RegistryOption = Path("registry"),
    as_json: JsonOption = False,
) -> None:
    """Make a key and show it, this once."""
    if not is_identifier(tenant):
        raise typer.BadParameter("a tenant is 1 to 64 letters, digits, '.', '_' or '-'")
    now = datetime.now(UTC)
    with opened_store(read_settings({"registry": registry})) as store:
        key, shown = create_key(
            store, tenant=tenant, scopes=frozenset(scope), expires_at=now + timedelta(days=days),
            actor=command_actor(), now=now,
        )  # fmt: skip
    if as_json:
        print(json.dumps({"key": shown, **_facts(key)}))
        return
    print(shown)
    print(f"For {tenant} until {key.expires_at:%Y-%m-%d}: {', '.join(sorted(key.scopes))}.")
    print("Keep it now: it is shown this once. Running services know it within a second.")


@app.command("list")
def list_all(registry: RegistryOption = Path("registry"), as_json: JsonOption = False) -> None:
    """List all keys without their secrets, oldest first."""
    with opened_store(read_settings({"registry": registry})) as store:
        found = list_keys(store)
    if as_json:
        print(json.dumps({"keys": [_facts(key) for key in found]}))
        return
    table = Table(
        *(Column(name, no_wrap=True) for name in ("key", "tenant", "scopes", "")), box=None
    )
    for key in found:
        state = "revoked" if key.revoked_at is not None else f"until {key.expires_at:%Y-%m-%d}"
        table.add_row(key.key_id, key.tenant, " ".join(sorted(key.scopes)), state)
    if found:
        Console().print(table)
    else:
        print("No keys.")


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(help="As `keys list` shows it.")],
    registry: RegistryOption = Path("registry"),
    as_json: JsonOption = False,
) -> None:
    """Let a key open nothing any more."""
    if not is_identifier(key_id):
        raise typer.BadParameter("a key's id is letters and digits, as `keys list` shows it")
    with opened_store(read_settings({"registry": registry})) as store:
        key = revoke_key(store, key_id, actor=command_actor(), now=datetime.now(UTC))
    if as_json:
        print(json.dumps(_facts(key)))
    else:
        print(f"Revoked: {key.key_id}. Running services refuse it within a second.")


def command_actor() -> str:
    """Who runs a command, as the audit knows it."""
    return f"uid:{os.getuid()}"


def _facts(key: ApiKey) -> dict[str, Any]:
    revoked_at = None if key.revoked_at is None else key.revoked_at.isoformat()
    return {
        "key_id": key.key_id,
        "tenant": key.tenant,
        "scopes": sorted(key.scopes),
        "created_at": key.created_at.isoformat(),
        "expires_at": key.expires_at.isoformat(),
        "revoked_at": revoked_at,
    }
