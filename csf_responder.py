"""The front door: one command, `csf-responder`, that mounts each folder's commands lazily.

A command's module is imported when the command is used, so that `serve` starts without
training's libraries and `--help` starts at once.
"""

import gc
import importlib
import json
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from types import FrameType
from typing import Any, Final, NoReturn

if __name__ == "__main__" and not sys.flags.safe_path and sys.path[0] != os.path.dirname(__file__):
    # `python -m` looks for modules in the working folder first, and a laboratory may well have
    # a `data.py` or `models.py` of its own there; it must not run in place of ours.
    del sys.path[0]

import typer
import typer.exceptions
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from analysis.errors import AnalysisError
from data.errors import CohortError, CohortFault, CsfError, Fault, FaultsError
from training.interrupts import end_at_once_on_signals

COMMANDS: Final = {
    "demo": ("service.demo", "Train, promote, serve and ask: the main job on the shipped cohort."),
    "simulate": ("data.commands", "Make up a trial cohort, labelled simulated."),
    "check": ("data.commands", "List every fault of a cohort's folder."),
    "train": ("training.commands", "Train a responder classifier from a cohort."),
    "validate": ("models.validate_command", "Evaluate a bundle on patients it has not seen."),
    "trial": ("trial.commands", "Redo every analysis of the study on a cohort, as one report."),
    "score": ("models.score_command", "Score a file of panels, CSV or Parquet, row by row."),
    "models": ("models.commands", "List, show, compare, promote, verify and export bundles."),
    "serve": ("service.commands", "Serve the champions of a registry."),
    "keys": ("service.keys_command", "Create, list and revoke API keys."),
    "audit": ("service.audit_command", "Verify and export what was done; make predictions again."),
    "store": ("service.store_command", "Back up the database, rotate its pepper."),
}
"""Each command: the module whose `app` has it, and its line in `--help`."""

SUBCOMMANDS: Final = {
    "models": {
        "compare": ("models.compare_command", "Compare two bundles on the same patients."),
        "export": ("training.export_command", "Write a classifier as a scikit-learn object."),
    },
}
"""Commands of a group with a module of their own, such as `training`, whose libraries the rest of
the group does without."""

TRAINING_LIBRARIES: Final = frozenset({"sklearn", "joblib", "pyarrow", "httpx"})


class LazyCommand(TyperCommand):
    """A command known by its name and help line, imported when it is run."""

    def __init__(self, name: str, module: str, line: str) -> None:
        super().__init__(name, help=line)
        self.module = module

    def make_context(
        self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Import the command that is about to run and let it take over."""
        command = _import_command(str(self.name), self.module)
        return command.make_context(info_name, args, parent=parent, **extra)


class LazyGroup(TyperGroup):
    """A group whose commands are imported when they are run, not when they are listed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All commands, in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> TyperCommand | None:
        """The command, not imported yet; None where there is no such command."""
        return LazyCommand(cmd_name, *COMMANDS[cmd_name]) if cmd_name in COMMANDS else None


def _import_command(name: str, module: str) -> Any:
    try:
        gc.disable()  # imports make many objects and no garbage: an eighth of the service's start
        app = importlib.import_module(module).app
    except ModuleNotFoundError as error:
        if error.name not in TRAINING_LIBRARIES:
            raise
        install = "pip install 'csf-responder[training]'"
        raise CsfError(f"{name} needs {error.name}, which is not installed: {install}") from error
    finally:
        gc.enable()
    group = get_command(app)
    command = getattr(group, "commands", {}).get(name, group)
    for subname, (place, line) in SUBCOMMANDS.get(name, {}).items():
        command.add_command(LazyCommand(subname, place, line))
    return command


app = typer.Typer(
    cls=LazyGroup, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def csf_responder() -> None:
    """Responder classifiers for cell therapy in ALS from CSF cytokine panels.

    Not a medical device. Models from small trials are exploratory and say so.
    """


class _InterruptedError(BaseException):
    """A signal asks the command to end; no library on the way takes it for its own."""


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    # Once is enough: another would break off the tidying up that this one begins.
    for further in (signal.SIGINT, signal.SIGTERM):
        signal.signal(further, signal.SIG_IGN)
    raise _InterruptedError(number)


def _open_standard_streams() -> None:
    """Where one was closed (`2>&-`), nothing: else a socket gets its number, and our lines."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _on_signals(command: str) -> None:
    """How each command ends when it is told to; `serve` answers its requests first."""
    if command == "train":
        end_at_once_on_signals(as_json="--json" in sys.argv)
    elif command != "serve":
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupt)


def main() -> None:
    """Run the command line: exit 0 done, 1 refused or faults found, 2 wrong usage.

    Interrupted by SIGINT or SIGTERM it says so in one sentence and exits with 130 or 143; only
    `serve` ends in its own way, after the requests that it is answering.
    """
    _open_standard_streams()
    # Processes started from here, ours and joblib's, do not look into the working folder either.
    os.environ["PYTHONSAFEPATH"] = "1"
    # joblib's cleaner of shared memory reports what a command that is ended leaves to it.
    os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker:UserWarning")
    warnings.filterwarnings("ignore", "resource_tracker", UserWarning)
    _on_signals("".join(sys.argv[1:2]))
    try:
        sys.exit(app(prog_name="csf-responder", standalone_mode="--json" not in sys.argv) or 0)
    except typer.exceptions.TyperException as error:
        _refuse(error.format_message(), code=2)
    except typer.Abort:
        sys.exit(130)
    except _InterruptedError as interrupted:
        _say("Interrupted.")
        sys.exit(128 + interrupted.args[0])
    except (CsfError, AnalysisError) as error:
        faults = error.faults if isinstance(error, FaultsError | CohortError) else ()
        _refuse(str(error), faults)
    except OSError as error:
        _refuse(f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror))


def _refuse(
    sentence: str, faults: Sequence[Fault | CohortFault] = (), *, code: int = 1
) -> NoReturn:
    _say(sentence if "--json" in sys.argv else f"Refused: {sentence}", faults)
    sys.exit(code)


def _say(sentence: str, faults: Sequence[Fault | CohortFault] = ()) -> None:
    if "--json" in sys.argv:
        listed = [{name: getattr(f, name) for name in f.__slots__} for f in faults]
        print(json.dumps({"error": sentence, "faults": listed}))
    else:
        print(sentence, file=sys.stderr)


if __name__ == "__main__":
    main()
