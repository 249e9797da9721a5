"""Files that are there whole or not at all, and never overwrite another."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.errors import CsfError
from models.durable import sync_folder


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; what is there at the end becomes `path` in one step.

    Raises
    ------
    CsfError
        `path` is there already, before or meanwhile.
    """
    refuse_existing(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield temporary
        if temporary.exists():
            _publish(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def _publish(temporary: Path, path: Path) -> None:
    with temporary.open("rb") as written:
        os.fsync(written.fileno())
    try:
        os.link(temporary, path)  # a rename would replace what came meanwhile
    except FileExistsError:
        refuse_existing(path)


def refuse_existing(path: Path) -> None:
    """Refuse to write where something is.

    Raises
    ------
    CsfError
        Something is there.
    """
    if path.exists() or path.is_symlink():
        raise CsfError(f"{path} is there already and is not overwritten")
