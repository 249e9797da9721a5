"""Which libraries score, and which versions of them are installed here."""

import importlib.metadata
import sys
import sysconfig
from typing import Final

from data.errors import CsfError

SCORING_LIBRARIES: Final = {"linear": ("numpy",), "boosted": ("numpy", "xgboost")}
"""Libraries whose version can change an answer, by kind of estimator."""


def library_version(name: str) -> str:
    """Installed version of a library; `xgboost` also where it was installed as `xgboost-cpu`."""
    for distribution in (name, f"{name}-cpu"):
        try:
            return importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    raise CsfError(f"{name} is not installed")


def scoring_environment(kind: str) -> list[str]:
    """What decides here how an estimator of a kind is read: Python, machine and libraries."""
    versions = [f"{name} {library_version(name)}" for name in SCORING_LIBRARIES[kind]]
    return [sys.version, sysconfig.get_platform(), *versions]
