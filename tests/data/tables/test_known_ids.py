import pytest

from data.tables.known_ids import KnownIds, bare_id, ids_alike, is_date_id


@pytest.mark.parametrize(("one", "other"), [("0001", "1"), ("17", "17.0"), ("P-1", "p-1")])
def test_what_spreadsheets_change_does_not_tell_ids_apart(one: str, other: str) -> None:
    assert bare_id(one) == bare_id(other)
    assert KnownIds(frozenset({one})).has_alike(other)
    assert list(ids_alike([one, "X", other])) == [other]


@pytest.mark.parametrize(("one", "other"), [("P-01", "P-1"), ("10", "1"), ("1.05", "1.5")])
def test_other_differences_tell_ids_apart(one: str, other: str) -> None:
    assert not KnownIds(frozenset({one})).has_alike(other)
    assert list(ids_alike([one, other])) == []


@pytest.mark.parametrize("text", ["1-Feb", "01-Mar-24", "Feb-01", "Dec-2024"])
def test_an_id_that_a_spreadsheet_made_a_date_is_known(text: str) -> None:
    assert is_date_id(text)


@pytest.mark.parametrize("text", ["MAR-01", "01-02-003", "2024-01", "Feb", "May-P1", "S1-Feb"])
def test_ids_of_sites_and_numbers_are_no_dates(text: str) -> None:
    assert not is_date_id(text)
