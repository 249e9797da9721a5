"""The pepper: a secret in a file of its own, without which nothing in a database can be forged."""

import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from models.durable import sync_folder
from service.store.errors import PepperError

_FEWEST_BYTES: Final = 32
_MOST_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Pepper:
    """A secret that makes MACs; it is never printed."""

    secret: bytes = field(repr=False)

    def mac(self, purpose: str, message: bytes) -> str:
        """HMAC-SHA256 (RFC 2104) as 64 hexadecimal digits; each purpose has MACs of its own.

        Examples
        --------
        >>> pepper = Pepper(bytes(32))
        >>> pepper.mac("api-key", b"x") == pepper.mac("audit-head", b"x")
        False
        """
        return hmac.digest(self.secret, purpose.encode() + b"\0" + message, "sha256").hex()

    def fits(self, purpose: str, message: bytes, mac: str) -> bool:
        """Whether a MAC is right, in a time that does not tell how much of it is."""
        return hmac.compare_digest(self.mac(purpose, message), mac)


def read_pepper(path: Path) -> Pepper:
    """Read a pepper that only its owner may read.

    Raises
    ------
    PepperError
        It is missing, short, or others may read it.
    """
    try:
        with path.open("rb") as file:
            _check_mode(os.fstat(file.fileno()))
            secret = file.read(_MOST_BYTES).strip()
    except OSError as error:
        raise PepperError(f"the pepper file cannot be read: {error.strerror}") from None
    if len(secret) < _FEWEST_BYTES:
        raise PepperError(f"the pepper file must hold at least {_FEWEST_BYTES} random bytes")
    return Pepper(secret)


def create_pepper(path: Path) -> Pepper:
    """Make a pepper of 256 random bits at `path`; one that is there is never replaced.

    Raises
    ------
    PepperError
        There is a file already, or none can be made.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise PepperError(f"the pepper file cannot be made: {error.strerror}") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode() + b"\n")
        file.flush()
        os.fsync(descriptor)
    sync_folder(path.parent)
    return read_pepper(path)


def _check_mode(found: os.stat_result) -> None:
    if found.st_mode & 0o077:
        raise PepperError("others may read or change the pepper file: set its mode to 0600")
