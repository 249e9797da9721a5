"""The front door: one command, `csf-responder`, that mounts each folder's commands lazily.

A command's module is imported when the command is used, so that `serve` starts without
training's libraries and `--help` starts at once.
"""

import importlib
import json
import sys
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import typer
import typer.exceptions
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from analysis.errors import AnalysisError
from data.errors import CohortError, CohortFault, CsfError, Fault, FaultsError

COMMANDS: Final = {
    "demo": ("service.demo", "Train, promote, serve and ask: the main job on the shipped cohort."),
    "simulate": ("data.commands", "Make up a trial cohort, labelled simulated."),
    "check": ("data.commands", "List every fault of a cohort's folder."),
    "train": ("training.commands", "Train a responder classifier from a cohort."),
    "models": ("models.commands", "List, show, promote, roll back and verify bundles."),
    "serve": ("service.commands", "Serve the champions of a registry."),
}
"""Each command: the module whose `app` has it, and its line in `--help`."""


TRAINING_LIBRARIES: Final = frozenset({"sklearn", "joblib", "pyarrow", "httpx"})


class LazyGroup(TyperGroup):
    """A group whose commands are imported when they are run, not when they are listed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All commands, in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        """The command's name and help line only; None where there is no such command."""
        line = COMMANDS.get(cmd_name, (None, None))[1]
        return TyperCommand(cmd_name, help=line) if line is not None else None

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Import the command that is about to run."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, _import_command(name) if name is not None else command, rest


def _import_command(name: str) -> Any:
    try:
        module = importlib.import_module(COMMANDS[name][0])
    except ModuleNotFoundError as error:
        if error.name not in TRAINING_LIBRARIES:
            raise
        install = "pip install 'csf-responder[training]'"
        raise CsfError(f"{name} needs {error.name}, which is not installed: {install}") from error
    command = get_command(module.app)
    return getattr(command, "commands", {}).get(name, command)


app = typer.Typer(
    cls=LazyGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def csf_responder() -> None:
    """Responder classifiers for cell therapy in ALS from CSF cytokine panels.

    Not a medical device. Models from small trials are exploratory and say so.
    """


def main() -> None:
    """Run the command line: exit 0 done, 1 refused or faults found, 2 wrong usage."""
    try:
        sys.exit(app(prog_name="csf-responder", standalone_mode="--json" not in sys.argv) or 0)
    except typer.exceptions.TyperException as error:
        _refuse(error.format_message(), code=2)
    except typer.Abort:
        sys.exit(130)
    except (CsfError, AnalysisError) as error:
        faults = error.faults if isinstance(error, FaultsError | CohortError) else ()
        _refuse(str(error), faults)
    except OSError as error:
        _refuse(f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror))


def _refuse(
    sentence: str, faults: Sequence[Fault | CohortFault] = (), *, code: int = 1
) -> NoReturn:
    if "--json" in sys.argv:
        listed = [{name: getattr(f, name) for name in f.__slots__} for f in faults]
        print(json.dumps({"error": sentence, "faults": listed}))
    else:
        print(f"Refused: {sentence}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
