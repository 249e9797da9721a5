"""Arguments and options that several commands about bundles share."""

from pathlib import Path
from typing import Annotated

import typer

from data.analytes import AnalyteTable
from data.cohort import Cohort
from data.sources.cohort_config import CohortConfig, read_config
from data.sources.cohort_source import CohortSource

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
