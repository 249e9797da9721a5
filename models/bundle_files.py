"""The files of a bundle's folder as bytes: each opened once, bounded in size and number.

Nothing is parsed here; whoever parses takes these bytes and opens no file again.
"""

import os
import re
import stat
from pathlib import Path
from typing import Final

from models.errors import BundleError

MAX_FILE_BYTES: Final = 64 * 2**20
"""No file of a bundle is anywhere near this large; a larger one is refused unread."""
MAX_FILES: Final = 32
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def read_files(folder: Path) -> dict[str, bytes]:
    """All files of a folder by name, sorted.

    Raises
    ------
    BundleError
        There is no such folder, or something in it is no plain file of a bundle's size and name.
    """
    return {name: _read_file(folder, name) for name in _names(folder)}


def _names(folder: Path) -> list[str]:
    if not folder.is_dir():
        raise BundleError(folder.name, "no such folder")
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise BundleError(folder.name, f"cannot be read: {error.strerror}") from error
    if len(names) > MAX_FILES or not all(_NAME.fullmatch(name) for name in names):
        problem = "there are files in its folder that no bundle has, too many or oddly named"
        raise BundleError(folder.name, problem)
    return names


def _read_file(folder: Path, name: str) -> bytes:
    """The bytes of one file; a link is not followed and a pipe not waited for."""
    not_plain = BundleError(folder.name, f"{name} is not a plain file")
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(folder / name, flags)
    except OSError as error:
        if (folder / name).is_symlink():
            raise not_plain from None
        raise BundleError(folder.name, f"{name} cannot be read: {error.strerror}") from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise not_plain
        with open(descriptor, "rb", closefd=False) as file:
            content = b"" if found.st_size > MAX_FILE_BYTES else file.read(MAX_FILE_BYTES + 1)
    finally:
        os.close(descriptor)
    if max(found.st_size, len(content)) > MAX_FILE_BYTES:
        raise BundleError(folder.name, f"{name} is larger than any file of a bundle")
    return content
