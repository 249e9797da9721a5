"""The process that `charts/drawing.py` starts: draws one chart, and ends.

It reads one line with the kind of picture and then the specification as JSON, and writes the
picture. Its exit status says that the `plots` extra is missing.
"""

import json
import sys
from typing import Final

NOT_INSTALLED: Final = 3


def main() -> int:
    """Draw what standard input asks for to standard output."""
    from charts.render import PlotsNotInstalledError, png, svg

    kind = sys.stdin.buffer.readline().strip()
    spec = json.loads(sys.stdin.buffer.read())
    try:
        drawn = svg(spec).encode() if kind == b"svg" else png(spec)
    except PlotsNotInstalledError:
        return NOT_INSTALLED
    sys.stdout.buffer.write(drawn)
    return 0
