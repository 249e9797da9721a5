"""Puts the figures that `make soak` reached into docs/promises.md: `promises.py FIGURES`.

FIGURES has one line of JSON for each promise: `promise`, `figure` and, where it is known, `test`.
"""

import json
import os
import platform
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "promises.md"
REACHED = "Reached on "
HEAD = "\n\n| promise | reached | test |\n|---|---|---|\n"


def row(line: str) -> str:
    """One promise as a row of the table."""
    said = json.loads(line)
    test = said.get("test", "").partition("::")[0]
    return f"| {said['promise']} | {said['figure']} | {f'`{test}`' if test else ''} |\n"


def main() -> None:
    lines = Path(sys.argv[1]).read_text().splitlines()
    before, _, _ = PAGE.read_text().partition(REACHED)
    machine = f"{os.cpu_count()} processors ({platform.machine()}):"
    PAGE.write_text(before + REACHED + machine + HEAD + "".join(map(row, lines)))
    print(f"{len(lines)} promises: {PAGE}")


if __name__ == "__main__":
    main()
