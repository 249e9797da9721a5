"""Universal Binary JSON (draft 12), in which XGBoost keeps a booster, read without XGBoost.

Numbers, texts, lists and objects come out as `json` would give them; a list of one type is an
array. Whatever the bytes are, reading them ends, and takes no more memory than a few times theirs.
"""

from typing import Any, Final

import numpy as np

_NUMBERS: Final[dict[bytes, np.dtype[Any]]] = {
    b"i": np.dtype("i1"),
    b"U": np.dtype("u1"),
    b"I": np.dtype(">i2"),
    b"l": np.dtype(">i4"),
    b"L": np.dtype(">i8"),
    b"d": np.dtype(">f4"),
    b"D": np.dtype(">f8"),
}
_WORDS: Final[dict[bytes, bool | None]] = {b"Z": None, b"T": True, b"F": False}
_MOST_DEPTH: Final = 32


def read_ubjson(content: bytes) -> Any:
    r"""The one value that `content` holds.

    Raises
    ------
    ValueError
        It is damaged, or holds what XGBoost does not write.

    Examples
    --------
    >>> read_ubjson(b"{i\x01aSi\x02hii\x01b[#i\x02ZU\xff}")
    {'a': 'hi', 'b': [None, 255]}
    """
    reader = _Reader(content)
    value = reader.value(reader.take(1), 0)
    if reader.at != len(content):
        raise ValueError("a booster ends with its only value")
    return value


class _Reader:
    """A place in the bytes."""

    def __init__(self, content: bytes) -> None:
        self.content, self.at = content, 0

    def take(self, n_bytes: int) -> bytes:
        """The next bytes."""
        if not 0 <= n_bytes <= len(self.content) - self.at:
            raise ValueError("a booster ends before its time")
        self.at += n_bytes
        return self.content[self.at - n_bytes : self.at]

    def value(self, kind: bytes, depth: int) -> Any:
        """A value of a kind."""
        if depth > _MOST_DEPTH:
            raise ValueError("a booster is not that deep")
        if kind in _WORDS:
            return _WORDS[kind]
        if kind in _NUMBERS:
            return self.numbers(kind, 1).item()
        if kind == b"S":
            return self.text()
        if kind == b"{":
            return self.object(depth)
        if kind == b"[":
            return self.list(depth)
        raise ValueError("a booster has no such kind of value")

    def numbers(self, kind: bytes, count: int) -> Any:
        """Numbers of one kind."""
        numbers = _NUMBERS[kind]
        return np.frombuffer(self.take(count * numbers.itemsize), numbers)

    def count(self) -> int:
        """A length, written as a whole number of any size."""
        kind = self.take(1)
        if kind not in b"iUIlL" or not kind:
            raise ValueError("a length is a whole number")
        return int(self.numbers(kind, 1).item())

    def text(self) -> str:
        """A text with its length before it."""
        return self.take(self.count()).decode()

    def object(self, depth: int) -> dict[str, Any]:
        """Names and values up to the closing brace."""
        found = {}
        while (mark := self.take(1)) != b"}":
            self.at -= len(mark)
            name = self.text()
            found[name] = self.value(self.take(1), depth + 1)
        return found

    def list(self, depth: int) -> Any:
        """Values up to the closing bracket, or as many as are announced; of one kind an array."""
        mark = self.take(1)
        if mark == b"$":
            kind = self.take(1)
            if kind not in _NUMBERS or self.take(1) != b"#":
                raise ValueError("a list of one kind has numbers and a length")
            return self.numbers(kind, self.count())
        if mark == b"#":
            return [self.value(self.take(1), depth + 1) for _ in range(self._affordable())]
        found = []
        while mark != b"]":
            found.append(self.value(mark, depth + 1))
            mark = self.take(1)
        return found

    def _affordable(self) -> int:
        """A count of values, each of which takes a byte at least."""
        count = self.count()
        if count > len(self.content) - self.at:
            raise ValueError("a booster ends before its time")
        return count
