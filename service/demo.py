"""The main job on the shipped cohort, through the same commands a newcomer would type.

Trains both tasks, promotes them, starts the real service as a process of its own, posts a panel
as a laboratory would, and prints what came back. Nothing of training is imported here.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from data.errors import CsfError
from data.panel import TASK_NAMES

app = typer.Typer(add_completion=False)

PANEL: Final = {
    "patient_id": "DEMO-017",
    "baseline": {
        "specimen_id": "S1",
        "month": 0,
        "measurements": [
            {"analyte": "TNF-alpha", "result": "<0.7", "unit": "pg/mL", "platform": "milliplex"},
            {"analyte": "CCL2", "result": 512, "unit": "ng/L", "platform": "milliplex"},
            {"analyte": "TGF-β1", "result": "61,0", "unit": "pg/mL", "platform": "milliplex"},
        ],
    },
    "follow_up": {
        "specimen_id": "S2",
        "month": 0.85,
        "measurements": [
            {"analyte": "TNF-alpha", "result": 0.9, "unit": "pg/mL", "platform": "milliplex"},
            {"analyte": "CCL2", "result": 0.45, "unit": "ng/mL", "platform": "milliplex"},
            {"analyte": "TGF-β1", "result": 80, "unit": "pg/mL", "platform": "milliplex"},
        ],
    },
}
"""A made-up panel pair in the spellings, units and comparators that laboratories use."""

STOP_SECONDS: Final = 20


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Stop after showing everything.")] = False,
) -> None:
    """Train, promote, serve and ask, on the simulated cohort that ships with the project."""
    cohort = resources.files("data") / "reference"
    with (
        resources.as_file(cohort) as folder,
        tempfile.TemporaryDirectory(prefix="csf-responder-demo-") as scratch,
    ):
        registry = Path(scratch) / "registry"
        _say("SIMULATED DATA: the shipped cohort was made by the simulator; it has no patients.")
        _run("check", str(folder))
        for task in TASK_NAMES:
            bundle_id = _train(folder, task, registry)
            _run("models", "promote", bundle_id, "--registry", str(registry))
        with _service(registry, Path(scratch) / "service.log") as (process, address):
            _ask(address)
            _addresses(address)
            if once:
                _say("They end here; `make demo-serve` keeps them up.")
                return
            _say("Still serving; stop with Ctrl-C.")
            process.wait()


def _say(text: str) -> None:
    print(text, flush=True)


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "csf_responder", *arguments]


def _shown(arguments: Sequence[str]) -> str:
    return "\n$ csf-responder " + " ".join(arguments)


def _run(*arguments: str) -> None:
    _say(_shown(arguments))
    if subprocess.run(_command(*arguments), check=False).returncode:  # noqa: S603 - our own command
        raise CsfError(f"csf-responder {arguments[0]} did not succeed; its message is above")


def _train(folder: Path, task: str, registry: Path) -> str:
    """Train one task and give the id of the bundle that appeared."""
    before = set(_bundles(registry))
    _run("train", str(folder), "--task", task, "--jobs", "2", "--registry", str(registry))
    (bundle_id,) = set(_bundles(registry)) - before
    return bundle_id


def _bundles(registry: Path) -> list[str]:
    bundles = registry / "bundles"
    return [path.name for path in bundles.iterdir()] if bundles.is_dir() else []


@contextmanager
def _service(registry: Path, log: Path) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """The service on a free port, as a process of its own; ended by its own id."""
    arguments = ("serve", "--registry", str(registry), "--port", "0")
    _say("\nNo API keys here: whoever is on this machine may ask (CSF_ALLOW_ANONYMOUS=1).")
    _say(_shown(arguments).lstrip("\n"))
    with log.open("w") as lines:
        process = subprocess.Popen(  # noqa: S603 - our own command
            _command(*arguments),
            env={**os.environ, "CSF_ALLOW_ANONYMOUS": "1"},
            stdout=subprocess.PIPE,
            stderr=lines,
            text=True,
        )
    try:
        assert process.stdout is not None  # noqa: S101 - asked for above
        first = process.stdout.readline().strip()
        if not first.startswith("Serving on "):
            raise CsfError(f"the service did not start: {log.read_text().strip()}")
        _say(first)
        yield process, first.removeprefix("Serving on ")
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _ask(address: str) -> None:
    """Post the panel, read the ROC metadata, and show both."""
    import httpx

    with httpx.Client(base_url=address, timeout=30) as client:
        _say(f"\nPOST {address}/v1/predictions")
        _say(json.dumps(PANEL, indent=1, ensure_ascii=False))
        answer = client.post("/v1/predictions", json=PANEL)
        answer.raise_for_status()
        _say(f"-> {answer.status_code}")
        _say(json.dumps(answer.json(), indent=1))
        _say("\n" + _sentence(answer.json()))
        for task in TASK_NAMES:
            path = f"/v1/models/champion/roc?task={task}"
            roc = client.get(path)
            roc.raise_for_status()
            _say(f"\nGET {address}{path}")
            for curve in roc.json()["roc"]:
                _say(_curve(curve))


def _sentence(answer: dict[str, Any]) -> str:
    interval = answer["probability_interval"]
    return (
        f"SIMULATED DATA. Responder probability {answer['probability']:.2f} "
        f"({interval['lower']:.2f} to {interval['upper']:.2f} when the cohort is resampled), "
        f"{answer['lead_months']:.2f} months ahead; exploratory: {answer['exploratory_reason']}."
    )


def _curve(curve: dict[str, Any]) -> str:
    auc = curve["auc"]
    return (
        f"  {curve['family']:<26}{curve['score']:<17}AUC {auc['value']:.2f} "
        f"({auc['lower']:.2f}-{auc['upper']:.2f}) n={curve['n_patients']}"
    )


def _addresses(address: str) -> None:
    _say("\nAddresses:")
    for path in (
        "/",
        "/docs",
        "/readyz",
        "/v1/models",
        "/v1/models/champion?task=on_treatment",
        "/openapi.json",
    ):
        _say(f"  {address}{path}")
