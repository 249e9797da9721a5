import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.identifier import IDENTIFIER_PATTERN, is_identifier


@pytest.mark.parametrize("text", ["P-017", "1", "a.b_c-d", "A" * 64, "0001"])
def test_ids_of_letters_digits_and_three_signs_are_accepted(text: str) -> None:
    assert is_identifier(text)


@pytest.mark.parametrize(
    "text",
    ["", "=1+1", "-1", "@x", "+1", ".x", "_x", "A" * 65, "a b", "a/b", "../x", "a\n", "a\0", "a,b"],
)
def test_what_is_unsafe_in_files_urls_or_spreadsheets_is_refused(text: str) -> None:
    assert not is_identifier(text)


@pytest.mark.parametrize("text", ["Müller", "P\u0660", "\uff21", "\u0430bc", "\u00b5"])
def test_letters_and_digits_are_ascii(text: str) -> None:
    assert not is_identifier(text)


@given(st.text(max_size=70))
def test_the_published_pattern_is_the_rule(text: str) -> None:
    assert is_identifier(text) == (re.fullmatch(IDENTIFIER_PATTERN[1:-1], text) is not None)
