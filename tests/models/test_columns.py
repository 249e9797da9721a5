import numpy as np
from numpy.testing import assert_array_equal

from data.analytes import study_analytes
from data.measurement import Measurement, read_measurement
from data.panel import Panel, PanelPair
from models.columns import BASELINE, FOLLOW_UP, Kind, columns_of_pairs, value_and_kind

ANALYTES = tuple(study_analytes().values())


def tnf(result: float | str | None) -> Measurement:
    return read_measurement(study_analytes(), "TNF", result, unit="pg/mL", lloq=0.7, uloq=100)


def test_each_comparator_becomes_its_kind_and_number() -> None:
    cells = [value_and_kind(tnf(result)) for result in (1.5, "<0.9", "OOR >", "*0.9")]
    assert cells == [
        (1.5, Kind.MEASURED),
        (0.9, Kind.BELOW_LLOQ),
        (100.0, Kind.ABOVE_ULOQ),
        (0.9, Kind.EXTRAPOLATED),
    ]


def test_what_was_not_reported_has_no_number() -> None:
    for absent in (tnf(None), tnf("***"), None):
        value, kind = value_and_kind(absent)
        assert np.isnan(value)
        assert kind == Kind.NOT_REPORTED


def test_rows_keep_the_order_of_patients_and_analytes() -> None:
    panels = [Panel(0, (tnf(level),)) for level in (1.0, 2.0)]
    pairs = [PanelPair("A", panels[0]), PanelPair("B", panels[1], Panel(1, (tnf(3.0),)))]
    columns = columns_of_pairs(pairs, ANALYTES)
    assert columns.values.shape == (columns.n_patients, 2, 3) == (2, 2, 3)
    assert_array_equal(columns.values[:, BASELINE, 0], [1.0, 2.0])
    assert_array_equal(columns.values[:, FOLLOW_UP, 0], [np.nan, 3.0])


def test_analyte_that_a_panel_lacks_counts_as_not_reported() -> None:
    columns = columns_of_pairs([PanelPair("A", Panel(0, (tnf(1.0),)))], ANALYTES)
    assert (columns.kinds[0, BASELINE, 1:] == Kind.NOT_REPORTED).all()
    assert (columns.kinds[0, FOLLOW_UP] == Kind.NOT_REPORTED).all()


def test_no_pairs_give_no_rows() -> None:
    assert columns_of_pairs([], ANALYTES).values.shape == (0, 2, 3)
