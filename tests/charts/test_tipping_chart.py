from charts.render import svg
from charts.tipping_chart import ABOVE, BELOW, INCLUDES, tipping_chart


def chart(n_x: int, n_y: int) -> dict:  # type: ignore[type-arg]
    grid = [[float(i - j) for j in range(n_x)] for i in range(n_y)]
    return tipping_chart(
        list(range(n_x)),
        list(range(n_y)),
        grid,
        [[value - 1 for value in row] for row in grid],
        [[value + 1 for value in row] for row in grid],
        title="Tipping point",
        x_title="control: shift [points]",
        y_title="MSC: shift [points]",
    ).spec


def test_each_cell_is_where_its_interval_lies() -> None:
    verdicts = {(cell["x"], cell["y"]): cell["verdict"] for cell in chart(3, 3)["data"]["values"]}
    assert verdicts["0", "2"] == ABOVE
    assert verdicts["1", "1"] == INCLUDES
    assert verdicts["2", "0"] == BELOW


def test_rows_go_up_with_the_shift() -> None:
    assert chart(2, 3)["encoding"]["y"]["scale"]["domain"] == ["2", "1", "0"]


def test_a_single_row_has_no_title_of_its_own() -> None:
    assert chart(3, 1)["encoding"]["y"]["title"] is None
    assert chart(3, 1)["encoding"]["x"]["title"] == "control: shift [points]"


def test_the_largest_grid_fits_a_phone() -> None:
    assert chart(10, 10)["width"] <= 300
    assert svg(chart(10, 10)).count(INCLUDES) >= 1
