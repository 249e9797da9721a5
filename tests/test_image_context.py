"""What the image is built from: every package, and nothing that .dockerignore keeps back."""

import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIES = re.findall(r"^COPY (?!--)(.*) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
SOURCES = {source for line in COPIES for source in line.split()}


def test_image_has_every_package_of_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert len(packages) > 5
    assert set(packages) <= SOURCES


def test_dockerignore_lets_through_what_the_image_is_built_from() -> None:
    lines = (ROOT / ".dockerignore").read_text().split()
    assert lines[0] == "**"
    let_through = [line[1:] for line in lines if line.startswith("!")]
    kept_back = {s for s in SOURCES if not any(fnmatch(s, pattern) for pattern in let_through)}
    assert not kept_back
