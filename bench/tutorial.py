"""The service as tutorials write it, beside ours, both answered by the corpus of hostile bodies.

The tutorial's request is `{"TNF": 1.1, "MCP-1": 512, "TGF-b1": 61}`. It gets every case of the
corpus that is about one measured result, an encoding, a size, a header or the document as a whole,
with its own request around the same result (`of_any` in tests/corpus/bodies.py). Cases about our
fields, ids and batches have no counterpart there; ours answers them on lines of their own.
"right" is whether a body is accepted; "repeats" counts answers with one of the corpus's two marked
values in them.

Usage: python bench/tutorial.py
"""

import asyncio
import importlib.util
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import joblib
import numpy as np
from champions import train_champions
from fastapi import FastAPI
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from data.analytes import study_analytes
from data.outcome import define_responder
from data.panel import Task
from data.sources.cohort_folder import read_cohort
from service.app import create_app
from service.running import running
from service.settings import Settings
from training.training_set import make_training_set

ROOT = Path(__file__).parents[1]
ANALYTES = ("TNF", "MCP-1", "TGF-b1")
COLUMNS = ("cases", "right", "5xx", "accepted though bad", "refused though good", "repeats")


def fit_tutorial(saved: Path) -> None:
    """A pipeline on the baseline panels of the simulated reference cohort, pickled by joblib."""
    cohort = read_cohort(ROOT / "data" / "reference")
    analytes = tuple(study_analytes()[name] for name in ANALYTES)
    training_set = make_training_set(
        cohort, Task("pretreatment"), define_responder(), analytes, n_folds=5
    )
    levels = np.exp(training_set.features[:, : len(ANALYTES)])  # the recipe begins with log levels
    model = make_pipeline(StandardScaler(), LogisticRegression())
    joblib.dump(model.fit(levels, training_set.is_responder), saved)


def tutorial_app(saved: Path) -> FastAPI:
    """What most tutorials end with."""
    app = FastAPI()
    model = joblib.load(saved)

    @app.post("/predict")
    def predict(panel: dict[str, float]) -> dict[str, float]:
        row = np.array([[panel[name] for name in ANALYTES]])
        return {"probability": float(model.predict_proba(row)[0, 1])}

    return app


def load_corpus() -> ModuleType:
    path = ROOT / "tests" / "corpus" / "bodies.py"
    spec = importlib.util.spec_from_file_location("bodies", path)
    assert spec is not None  # noqa: S101 - for the type checker
    assert spec.loader is not None  # noqa: S101
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def ask(app: FastAPI, bodies: Iterable[Any]) -> list[tuple[Any, httpx.Response]]:
    """Each body with its answer; what fails inside is a 500 as outside."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        answers = []
        for body in bodies:
            sent = [(name.encode(), value.encode("latin-1")) for name, value in body.headers]
            answer = await client.request(
                body.method, body.path, content=body.content, headers=sent
            )
            answers.append((body, answer))
        return answers


def judge(body: Any, answer: httpx.Response, marks: Iterable[str]) -> list[str]:
    """What to count an answer as; a wrong code of refusal is not held against anybody."""
    good, accepted = body.expected < 400, answer.status_code < 400
    given = (answer.text + str(answer.headers)).lower()
    found = ["cases"]
    found += ["right"] if good == accepted and answer.status_code < 500 else []
    found += ["5xx"] if answer.status_code >= 500 else []
    found += ["accepted though bad"] if accepted and not good else []
    found += ["refused though good"] if good and not accepted else []
    return found + (["repeats"] if any(mark.lower() in given for mark in marks) else [])


def by_class(app: FastAPI, corpus: Any, bodies: Iterable[Any]) -> Mapping[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    marks = (corpus.CANARY, str(corpus.NUMBER))
    for body, answer in asyncio.run(ask(app, bodies)):
        counts.setdefault(body.kind, Counter()).update(judge(body, answer, marks))
    return counts


def print_counts(service: str, counts: Mapping[str, Counter[str]]) -> None:
    total = sum(counts.values(), Counter())
    for kind, found in (*sorted(counts.items()), ("all", total)):
        print(f"| {service} | {kind} | {' | '.join(str(found[column]) for column in COLUMNS)} |")


def main() -> None:
    """Print one row per service and class."""
    corpus = load_corpus()
    shape = corpus.Shape("/predict", "{", ', "MCP-1": 512, "TGF-b1": 61}', "TNF")
    with tempfile.TemporaryDirectory() as scratch:
        saved, registry = Path(scratch) / "model.joblib", Path(scratch) / "registry"
        fit_tutorial(saved)
        train_champions(registry, "ridge")
        theirs = tutorial_app(saved)
        ours = create_app(
            Settings(registry=registry, allow_anonymous=True, trusted_hosts=("bench",))
        )
        print("SIMULATED DATA; the same cases in the request of each, then those of ours alone")
        print(f"| service | class | {' | '.join(COLUMNS)} |")
        print("|---" * (len(COLUMNS) + 2) + "|")
        print_counts("tutorial", by_class(theirs, corpus, corpus.of_any(shape)))
        with running(ours):
            print_counts("ours", by_class(ours, corpus, corpus.of_any(corpus.OURS)))
            print_counts("ours alone", by_class(ours, corpus, corpus.of_ours()))


if __name__ == "__main__":
    main()
