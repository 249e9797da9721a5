import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.canonical import canonical_json, readable_json, sha256

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)  # fmt: skip


@given(JSON)
def test_content_reads_back_the_same(value: object) -> None:
    assert json.loads(canonical_json(value)) == value
    assert json.loads(readable_json(value)) == value


@given(st.dictionaries(st.text(), st.integers()))
def test_order_of_keys_does_not_change_the_bytes(value: dict[str, int]) -> None:
    backwards = dict(reversed(value.items()))
    assert canonical_json(backwards) == canonical_json(value)
    assert readable_json(backwards) == readable_json(value)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_json_lacks_are_refused(number: float) -> None:
    for write in (canonical_json, readable_json):
        with pytest.raises(ValueError, match="JSON"):
            write([number])


def test_bytes_are_ascii_whatever_the_text() -> None:
    assert canonical_json("TGF-β1").isascii()


def test_digest_is_sha256() -> None:
    assert sha256(b"abc") == hashlib.sha256(b"abc").hexdigest()
