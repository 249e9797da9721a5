import pytest

from analysis.calibration import recalibrate
from analysis.errors import NoSpreadError, OutOfRangeError
from analysis.recalibration_line import recalibration_line

P, Y = [0.1, 0.4, 0.3, 0.8, 0.6], [0, 0, 1, 1, 0]
R = {
    0.2: (-1.345453668657, 1.56711367483),
    0.5: (-0.232688356734, 1.00647750898),
    0.7: (0.447429585276, 1.34928532158),
}
"""R 4.2.2: predict(glm(Y ~ qlogis(P), binomial, list(epsilon = 1e-14)), se.fit = TRUE)."""


def test_line_and_errors_are_those_of_r() -> None:
    line = recalibration_line(P, Y, list(R))
    assert line.log_odds == pytest.approx([value for value, _ in R.values()], abs=1e-11)
    assert line.standard_errors == pytest.approx([error for _, error in R.values()], abs=1e-9)


def test_at_one_half_it_is_the_intercept() -> None:
    fit = recalibrate(P, Y)
    line = recalibration_line(P, Y, [0.5])
    assert line.log_odds[0] == fit.intercept
    assert line.standard_errors[0] == pytest.approx(fit.intercept_se)


def test_the_same_probability_for_everybody_has_no_line() -> None:
    with pytest.raises(NoSpreadError):
        recalibration_line([0.4] * 5, Y, [0.5])


@pytest.mark.parametrize("at", [0.0, 1.0])
def test_no_line_is_drawn_to_certainty(at: float) -> None:
    with pytest.raises(OutOfRangeError, match="strictly between"):
        recalibration_line(P, Y, [at])
