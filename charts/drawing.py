"""Charts drawn in a process of their own, for whoever has others to answer meanwhile.

The library that draws holds Python's lock for the tenth of a second that it takes, and starts in
one: in a service nothing would be answered in that time.
"""

import json
import subprocess
import sys
from typing import Final, Literal

from charts.drawing_child import NOT_INSTALLED
from charts.look import Spec
from charts.render import PlotsNotInstalledError

PictureKind = Literal["svg", "png"]

SECONDS: Final = 30
"""After which a drawing is given up; on one busy core it takes two."""
_START: Final = (
    "import sys; sys.path[:] = sys.argv[1:]; from charts.drawing_child import main; "
    "raise SystemExit(main())"
)


class NotDrawnError(RuntimeError):
    """The process that was to draw did not."""


def draw(spec: Spec, kind: PictureKind) -> bytes:
    """A specification as a picture, the same bytes as `charts.render` gives.

    Raises
    ------
    PlotsNotInstalledError
        Without the `plots` extra.
    NotDrawnError
        It took too long, or was ended.
    """
    try:
        found = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-P", "-c", _START, *sys.path],
            input=f"{kind}\n{json.dumps(spec)}".encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotDrawnError(f"the chart was not drawn within {SECONDS} seconds") from error
    if found.returncode == NOT_INSTALLED:
        raise PlotsNotInstalledError
    if found.returncode != 0:
        raise NotDrawnError("the process that draws charts ended before its work")
    return found.stdout
