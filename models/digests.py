"""`digests.json`: the SHA-256 of every file of a bundle and of what they say, made and checked.

Checking parses nothing: the list must be, byte for byte, the one that these files give. The list
counts its own digest in, so that every bit of it is checked as well.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from models.canonical import canonical_json, readable_json, sha256
from models.errors import BundleError

DIGESTS: Final = "digests.json"
BUNDLE_FORMAT: Final = 1

_CONTENT: Final = re.compile(rb'"content_sha256": "([0-9a-f]{64})"')
_FORMAT: Final = re.compile(rb'^ "format": ([0-9]{1,9})', re.MULTILINE)
_LISTED: Final = re.compile(rb'^  "([A-Za-z0-9._-]{1,100})": "', re.MULTILINE)


def list_digests(files: Mapping[str, bytes], content_sha256: str) -> bytes:
    """The content of `digests.json` for files with these bytes.

    Parameters
    ----------
    content_sha256
        Digest of what the bundle says, whenever it was made.
    """
    listed = _listed(files, content_sha256)
    return readable_json(listed | {"listed_sha256": sha256(canonical_json(listed))})


def check_digests(
    bundle_id: str, files: Mapping[str, bytes], *, needed: Iterable[str], beside: Iterable[str]
) -> str:
    """Check all files of a bundle against its list; the content digest that the list states.

    Parameters
    ----------
    needed
        Files that every bundle has.
    beside
        Files that no list has, for they come later.

    Raises
    ------
    BundleError
        Naming the file that is missing, changed or not listed.
    """
    if DIGESTS not in files:
        raise BundleError(bundle_id, f"{DIGESTS} is missing")
    stated = files[DIGESTS]
    found_format = _FORMAT.search(stated)
    if found_format and int(found_format[1]) != BUNDLE_FORMAT:
        raise BundleError(bundle_id, f"{DIGESTS} has a format that is not read here")
    listable = {name: c for name, c in files.items() if name not in {DIGESTS, *beside}}
    names = {name.decode() for name in _LISTED.findall(stated)}
    for name in sorted(names | set(needed)):
        if name not in listable:
            raise BundleError(bundle_id, f"{name} is missing, which {DIGESTS} lists or all have")
        if f'"{name}": "{sha256(listable[name])}"'.encode() not in stated:
            raise BundleError(bundle_id, f"{name} or its line in {DIGESTS} was changed")
    for name in sorted(listable.keys() - names):
        raise BundleError(bundle_id, f"{name} does not belong to it: {DIGESTS} lacks it")
    content = _CONTENT.search(stated)
    if content is None or stated not in _spellings(listable, content[1].decode()):
        raise BundleError(bundle_id, f"{DIGESTS} is damaged")
    return content[1].decode()


def _listed(files: Mapping[str, bytes], content_sha256: str) -> dict[str, Any]:
    digests = {name: sha256(content) for name, content in files.items()}
    return {"format": BUNDLE_FORMAT, "files": digests, "content_sha256": content_sha256}


def _spellings(files: Mapping[str, bytes], content_sha256: str) -> tuple[bytes, bytes]:
    """The list as it is written, and as release 0.1.0 wrote it: without a digest of itself."""
    return list_digests(files, content_sha256), readable_json(_listed(files, content_sha256))
