"""What compose.yaml says of one service: how a container of it would be started."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SECRETS = "/run/secrets"


@dataclass(frozen=True, slots=True)
class Service:
    """One service of a Compose file.

    Attributes
    ----------
    command
        What it runs, in place of its image's.
    environment
        Variables on top of its image's.
    secrets
        Files that it finds in `SECRETS`, by their names.
    healthcheck
        The program that says whether it is well.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    secrets: tuple[str, ...]
    healthcheck: tuple[str, ...]


def read_service(path: Path, name: str) -> Service:
    """Read a service; anything but words where words must be is refused.

    Raises
    ------
    ValueError
        Its command or health check is no list.
    """
    stated: dict[str, Any] = yaml.safe_load(path.read_text())["services"][name]
    command, (kind, *test) = stated.get("command", []), stated["healthcheck"]["test"]
    if not isinstance(command, list) or kind != "CMD":
        raise ValueError(f"command and health check of {name} must be lists, the latter after CMD")
    environment = {key: str(value) for key, value in stated.get("environment", {}).items()}
    return Service(tuple(command), environment, tuple(stated.get("secrets", ())), tuple(test))
