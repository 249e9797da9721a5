"""Ed25519 signatures of bundles: `manifest.sig`, 64 bytes over the bytes of `digests.json`.

`digests.json` holds the SHA-256 of the manifest and of every other file, so that one signature
binds all of them, and OpenSSL can make and check it (`docs/operation-models.md`).
"""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from models.errors import SigningKeyError

SIGNATURE: Final = "manifest.sig"
_MOST_BYTES: Final = 64 * 1024
_PUBLIC_PEM: Final = re.compile(
    rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class PublicKeys:
    """Keys of whom bundles are accepted from; `raw` has 32 bytes of each."""

    raw: tuple[bytes, ...]

    def accept(self, signature: bytes, message: bytes) -> bool:
        """Whether one of the keys signed exactly this message (RFC 8032)."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        for key in self.raw:
            try:
                Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
            except InvalidSignature:
                continue
            return True
        return False


def read_public_keys(path: Path) -> PublicKeys:
    """Read one or more Ed25519 public keys in PEM; several while one replaces another.

    Raises
    ------
    SigningKeyError
        The file cannot be read or holds anything but such keys.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    content = _read(path, "public")
    blocks = _PUBLIC_PEM.findall(content)
    try:
        keys = [load_pem_public_key(block) for block in blocks]
    except (ValueError, UnsupportedAlgorithm):
        keys = []
    raw = [key.public_bytes_raw() for key in keys if isinstance(key, Ed25519PublicKey)]
    if not raw or len(raw) < content.count(b"-----BEGIN"):
        raise SigningKeyError("the public key file must hold Ed25519 public keys in PEM, no others")
    return PublicKeys(tuple(raw))


def sign(message: bytes, private_key_file: Path) -> bytes:
    """Sign a message with an Ed25519 private key in PEM that only its owner may read.

    Raises
    ------
    SigningKeyError
        The file cannot be read, others may read it, or it holds no such key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _read(private_key_file, "private", secret=True)
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyError("the private key file must hold an unencrypted Ed25519 key in PEM")
    signature: bytes = key.sign(message)
    return signature


def _read(path: Path, kind: str, *, secret: bool = False) -> bytes:
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise SigningKeyError(f"the {kind} key file must be a plain file")
            if secret and found.st_mode & 0o077:
                problem = "others may read or change the private key file: set its mode to 0600"
                raise SigningKeyError(problem)
            return file.read(_MOST_BYTES)
    except OSError as error:
        reason = error.strerror
        raise SigningKeyError(f"the {kind} key file cannot be read: {reason}") from None


def _without_waiting(path: str, flags: int) -> int:
    """Open without waiting for the other end of a pipe."""
    return os.open(path, flags | os.O_NONBLOCK)
