"""The pepper: a secret in a file of its own, without which nothing in a database can be forged.

The file holds the secret, and on lines of their own those that it replaced: ``earlier`` and their
bytes in hexadecimal digits.
"""

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
_EARLIER: Final = b"\nearlier "


@dataclass(frozen=True, slots=True)
class Pepper:
    """A secret that makes MACs; it is never printed.

    Attributes
    ----------
    secret
        What new MACs are made with.
    earlier
        Secrets that it replaced, the last one first: API keys made with them still open.
    """

    secret: bytes = field(repr=False)
    earlier: tuple[bytes, ...] = field(default=(), repr=False)

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

    def fits_any(self, purpose: str, message: bytes, mac: str) -> bool:
        """Whether a MAC is right with it or with a secret that it replaced; all are tried."""
        fits = self.fits(purpose, message, mac)
        for replaced in self.replaced():
            fits |= replaced.fits(purpose, message, mac)
        return fits

    def replaced(self) -> tuple["Pepper", ...]:
        """The secrets that it replaced, each as a pepper."""
        return tuple(Pepper(secret) for secret in self.earlier)


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
            content = file.read(_MOST_BYTES).strip()
    except OSError as error:
        raise PepperError(f"the pepper file cannot be read: {error.strerror}") from None
    stated, *earlier = content.split(_EARLIER)
    secret = stated.strip()
    if len(secret) < _FEWEST_BYTES:
        raise PepperError(f"the pepper file must hold at least {_FEWEST_BYTES} random bytes")
    try:
        return Pepper(secret, tuple(bytes.fromhex(line.decode()) for line in earlier))
    except ValueError:
        raise PepperError(
            "an earlier pepper is a line of its own: earlier, a space, hexadecimal digits"
        ) from None


def create_pepper(path: Path) -> Pepper:
    """Make a pepper of 256 random bits at `path`; one that is there is never replaced.

    Raises
    ------
    PepperError
        There is a file already, or none can be made.
    """
    try:
        _write_new(path, _random())
    except OSError as error:
        raise PepperError(f"the pepper file cannot be made: {error.strerror}") from None
    sync_folder(path.parent)
    return read_pepper(path)


def renew_pepper(path: Path) -> Pepper:
    """Put a new secret in front of those in the file, in one step.

    Raises
    ------
    PepperError
        The file cannot be read, or not be replaced.
    """
    old = read_pepper(path)
    lines = [b"earlier " + secret.hex().encode() for secret in (old.secret, *old.earlier)]
    return _replace(path, b"\n".join([_random(), *lines]))


def drop_earlier(path: Path) -> Pepper:
    """Leave the file with its first secret alone, in one step.

    Raises
    ------
    PepperError
        The file cannot be read, or not be replaced.
    """
    return _replace(path, read_pepper(path).secret)


def _random() -> bytes:
    return secrets.token_hex(32).encode()


def _replace(path: Path, content: bytes) -> Pepper:
    """Another file in its place that belongs to the same person."""
    if len(content) >= _MOST_BYTES:
        raise PepperError("the pepper file is full of earlier peppers: drop them first")
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        owner = target.stat()
        _write_new(temporary, content)
        os.chown(temporary, owner.st_uid, owner.st_gid)
        temporary.replace(target)
    except OSError as error:
        raise PepperError(f"the pepper file cannot be replaced: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(target.parent)
    return read_pepper(path)


def _write_new(path: Path, content: bytes) -> None:
    """A file that nobody else may read, on disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content + b"\n")
        file.flush()
        os.fsync(descriptor)


def _check_mode(found: os.stat_result) -> None:
    if found.st_mode & 0o077:
        raise PepperError("others may read or change the pepper file: set its mode to 0600")
