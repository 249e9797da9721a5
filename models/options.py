"""Arguments and options that several commands about bundles share."""

import os
from pathlib import Path
from typing import Annotated

import typer

from data.analytes import AnalyteTable
from data.cohort import Cohort
from data.sources.cohort_config import CohortConfig, read_config
from data.sources.cohort_source import CohortSource
from models.registry import Registry
from models.signature import read_public_keys

BundleArgument = Annotated[
    str, typer.Argument(help="A bundle id, champion:TASK, or a bundle's folder.")
]
RegistryOption = Annotated[
    Path, typer.Option("--registry", help="Where bundles live.", envvar="CSF_REGISTRY")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help=r"A TOML with \[table] instead of a folder.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def open_registry(folder: Path) -> Registry:
    """The registry of a command; where `CSF_PUBLIC_KEY_FILE` is set, bundles must be signed.

    Raises
    ------
    RegistryError, SigningKeyError
        It is a file, or the keys cannot be read.
    """
    key_file = os.environ.get("CSF_PUBLIC_KEY_FILE")
    return Registry(
        folder, public_keys=None if key_file is None else read_public_keys(Path(key_file))
    )


def read_new_patients(folder: Path | None, config: Path | None, analytes: AnalyteTable) -> Cohort:
    """The cohort that a command is given, in the units and ranges of `analytes`.

    Raises
    ------
    ConfigError
        Neither a folder nor a configuration with [table] is given, or both.
    CohortError
        With every fault of the cohort.
    """
    settings = read_config(config, CohortConfig) if config is not None else CohortConfig()
    return CohortSource(folder, settings).read(analytes)
