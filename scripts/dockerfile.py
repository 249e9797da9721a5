"""A Dockerfile read into stages of instructions, and what its `.dockerignore` lets through.

As much of the language as ours uses; an instruction beyond that is refused, never passed over.
"""

import json
import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

KNOWN = re.compile("ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|RUN|USER|WORKDIR")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: its name in capitals and the rest of its line, continuations joined."""

    name: str
    rest: str

    def words(self, variables: Mapping[str, str]) -> list[str]:
        """The words after it, variables replaced."""
        return shlex.split(substitute(self.rest, variables))

    def command(self) -> list[str]:
        """The program of CMD, ENTRYPOINT or HEALTHCHECK, which must be a JSON list."""
        command = json.loads(self.rest[self.rest.index("[") :])
        return [str(word) for word in command]


@dataclass(frozen=True, slots=True)
class Stage:
    """One `FROM base AS name` and what follows it."""

    name: str
    base: str
    instructions: tuple[Instruction, ...]


def assignments(instruction: Instruction, variables: Mapping[str, str]) -> dict[str, str]:
    """The `NAME=value` pairs of ARG or ENV."""
    return dict(word.split("=", 1) for word in instruction.words(variables))


def substitute(text: str, variables: Mapping[str, str]) -> str:
    """Replace `$NAME` and `${NAME}` by their values."""
    return re.sub(r"\$\{?(\w+)\}?", lambda found: variables.get(found[1], ""), text)


def read_stages(text: str, overridden: Mapping[str, str]) -> dict[str, Stage]:
    """The stages of a Dockerfile by name, in order; `overridden` is `--build-arg`.

    Raises
    ------
    ValueError
        It uses an instruction that is not known here.
    """
    arguments: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    for instruction in _instructions(text):
        if not KNOWN.fullmatch(instruction.name):
            raise ValueError(f"{instruction.name} is not among {KNOWN.pattern.replace('|', ', ')}")
        if instruction.name == "FROM":
            base, _, name = instruction.words(arguments)
            stages[name] = Stage(name, base, ())
        elif stages:
            name, stage = stages.popitem()
            stages[name] = Stage(name, stage.base, (*stage.instructions, instruction))
        else:
            arguments |= {**assignments(instruction, arguments), **overridden}
    return stages


def _instructions(text: str) -> list[Instruction]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in joined.splitlines()]


def context_files(root: Path) -> list[str]:
    """Paths below `root` that `.dockerignore` lets into a build, sorted."""
    patterns = [
        line.strip()
        for line in (root / ".dockerignore").read_text().splitlines()
        if line.strip() and not line.startswith("#")
    ]
    files = []
    for folder, _, names in os.walk(root):
        paths = [(Path(folder) / name).relative_to(root) for name in names]
        files += [path.as_posix() for path in paths if not _is_ignored(path, patterns)]
    return sorted(files)


def _is_ignored(path: Path, patterns: Sequence[str]) -> bool:
    """The last pattern that fits the path or a folder above it decides."""
    candidates = [path.as_posix(), *(above.as_posix() for above in path.parents[:-1])]
    ignored = False
    for pattern in patterns:
        expression = _as_expression(pattern.removeprefix("!").strip("/"))
        if any(re.fullmatch(expression, candidate) for candidate in candidates):
            ignored = not pattern.startswith("!")
    return ignored


def _as_expression(pattern: str) -> str:
    """`**/` any folders or none, `**` anything, `*` and `?` within one name."""
    pieces = {"**/": r"(?:.*/)?", "**": r".*", "*": r"[^/]*", "?": r"[^/]"}
    found = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return "".join(pieces.get(piece, re.escape(piece)) for piece in found)
