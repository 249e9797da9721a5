import itertools

from charts.flow_chart import FlowColumn, flow_chart
from charts.render import svg

MSC = FlowColumn("msc", (("MSC: 33",), ("Visits", "month 4: 32")), ("Evaluable: 31",))
CONTROL = FlowColumn("control", (("Control: 31",), ("Visits",)), ("Evaluable: 27",))


def test_every_line_of_every_box_is_in_the_picture() -> None:
    picture = svg(flow_chart(["Randomised: 64"], [MSC, CONTROL], title="Flow").spec)
    for line in ("Randomised: 64", "MSC: 33", "month 4: 32", "Control: 31", "Evaluable: 27"):
        assert line in picture


def test_boxes_neither_overlap_nor_leave_the_picture() -> None:
    spec = flow_chart(["Randomised: 64"], [MSC, CONTROL], title="Flow").spec
    boxes = spec["layer"][0]["data"]["values"]
    for arm in ("msc", "control"):
        column = [box for box in boxes if box["arm"] in (arm, "")]
        for above, below in itertools.pairwise(column):
            assert above["bottom"] < below["top"]
    assert all(0 <= box["left"] < box["right"] <= spec["width"] for box in boxes)
    assert max(box["bottom"] for box in boxes) <= spec["height"]


def test_no_arrow_leads_to_what_is_no_stage() -> None:
    spec = flow_chart(["Randomised: 33"], [MSC], title="Flow").spec
    boxes, arrows = (spec["layer"][i]["data"]["values"] for i in (0, 2))
    assert [arrow["to_y"] for arrow in arrows] == [box["top"] for box in boxes[1:-1]]
