"""Scripts, styles and pictures of the pages: each served under a name with its digest, for good."""

import gzip
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from models.canonical import sha256

_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
_DIGITS: Final = 12


@dataclass(frozen=True)
class Asset:
    """One file; `name` has its digest, so that another content has another name."""

    name: str
    media_type: str
    content: bytes

    @cached_property
    def compressed(self) -> bytes:
        """Its content as gzip, made when first asked for."""
        return gzip.compress(self.content, 9, mtime=0)


@cache
def assets() -> dict[str, Asset]:
    """Every asset by its plain name, such as ``app.css`` and ``vendor/htmx.js``."""
    folder = resources.files("service.pages") / "static"
    return {name: _asset(file) for name, file in _files(folder)}


@cache
def assets_by_served_name() -> dict[str, Asset]:
    """Every asset by the last part of its address."""
    return {asset.name: asset for asset in assets().values()}


def address_of(name: str) -> str:
    """Where a page finds an asset.

    Examples
    --------
    >>> address_of("app.css").startswith("/static/app.")
    True
    """
    return f"/static/{assets()[name].name}"


def _files(folder: Traversable, prefix: str = "") -> list[tuple[str, Traversable]]:
    found = []
    for file in folder.iterdir():
        if file.is_dir():
            found += _files(file, f"{prefix}{file.name}/")
        elif file.name.rpartition(".")[2] in _TYPES:
            found.append((prefix + file.name, file))
    return found


def _asset(file: Traversable) -> Asset:
    content = file.read_bytes()
    stem, _, suffix = file.name.rpartition(".")
    return Asset(f"{stem}.{sha256(content)[:_DIGITS]}.{suffix}", _TYPES[suffix], content)
