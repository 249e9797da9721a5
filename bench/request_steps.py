"""Where the time of one request goes, step by step, in this process: the fastest of many rounds.

Steps that all requests of a turn of the event loop share are divided by 16.

Usage: python bench/request_steps.py [--family ridge|xgboost]
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from champions import train_champions
from fastapi import Response
from serving import write_bodies

from models.registry import Registry
from service.bodies import parse_json
from service.champions import load_champions
from service.metrics import Metrics
from service.opening import opened_store
from service.pair_cells import columns_of_cells
from service.predictions import AskedPair, answer_pairs, answerable_pair, careful_pair
from service.recording import Asked
from service.schemas import PREDICTION
from service.security import Caller, Doorkeeper
from service.settings import Settings
from service.store.key_ring import KeyRing
from service.store.keys import create_key
from service.store.recording import record
from service.structure import validate

TOGETHER, ROUNDS, REPEATS = 16, 40, 30


def show(step: str, run: Callable[[], Any], shared_by: int = 1) -> None:
    """One row of the table [microseconds]."""
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(REPEATS):
            run()
        best = min(best, time.perf_counter() - started)
    print(f"| {step} | {best / REPEATS / shared_by * 1e6:.1f} |")


def show_reading_and_answering(registry: Path, bodies: list[bytes], now: datetime) -> None:
    champions = load_champions(Registry(registry))
    classifier, metrics = champions.of("on_treatment"), Metrics()
    documents = [parse_json(body) for body in bodies]
    read = [validate(PREDICTION, document) for document in documents]
    asked = [AskedPair(None, answerable_pair(classifier, body), now) for body in read]
    columns = columns_of_cells(classifier, [one.pair for one in asked])
    answers = answer_pairs(classifier, asked)
    answer = orjson.dumps(answers[0])
    show("JSON, read strictly", lambda: parse_json(bodies[0]))
    show("structure, checked by pydantic", lambda: validate(PREDICTION, documents[0]))
    show("plain results to cells", lambda: answerable_pair(classifier, read[0]))
    show("(the same with every care)", lambda: careful_pair(classifier, read[0]))
    show("features, score, interval, flags", lambda: classifier.predict(columns), TOGETHER)
    show(
        "(the same alone)",
        lambda: classifier.predict(columns_of_cells(classifier, [asked[0].pair])),
    )
    show("all of the answer", lambda: answer_pairs(classifier, asked), TOGETHER)
    show("answer as JSON", lambda: orjson.dumps(answers[0]))
    show("response", lambda: Response(answer, 201, media_type="application/json"))
    show("counted", lambda: metrics.answered("/v1/predictions", "POST", 201, 0.001))
    kept = Asked(Caller("key", "lab", frozenset()), champions, bodies[0], None, now, True)
    each = [(documents[0], answers[0])]
    show("what is kept", lambda: kept.submission(201, answer, each, corrects=False))


def show_keys_and_store(registry: Path, bodies: list[bytes], now: datetime) -> None:
    champions = load_champions(Registry(registry))
    with opened_store(Settings(registry=registry)) as store:
        _, shown = create_key(
            store, tenant="bench", scopes=frozenset({"predict"}), actor="bench", now=now,
            expires_at=now + timedelta(days=1),
        )  # fmt: skip
        ring = KeyRing(store)
        scope = {"headers": [(b"authorization", f"Bearer {shown}".encode())]}
        show("API key", lambda: Doorkeeper(ring, False).admit(scope, "predict"))
        ring.close()
        classifier = champions.of("on_treatment")
        kept = Asked(Caller("key", "lab", frozenset()), champions, bodies[0], None, now, True)

        def keep() -> None:
            pairs = [answerable_pair(classifier, validate(PREDICTION, parse_json(body)))
                     for body in bodies]  # fmt: skip
            answers = answer_pairs(classifier, [AskedPair(None, pair, now) for pair in pairs])
            record(store, [
                kept.submission(201, b"", [(parse_json(body), answer)], corrects=False)
                for body, answer in zip(bodies, answers, strict=True)
            ])  # fmt: skip

        show("all of it, kept on disk, without HTTP", keep, TOGETHER)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--family", choices=("ridge", "xgboost"), default="ridge")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        registry = Path(folder) / "registry"
        train_champions(registry, given.family, ["on_treatment"])
        lines = write_bodies(Path(folder))["one"].read_bytes().splitlines()[:TOGETHER]
        print("| step | microseconds |\n|---|---|")
        show_reading_and_answering(registry, lines, datetime.now(UTC))
        show_keys_and_store(registry, lines, datetime.now(UTC))


if __name__ == "__main__":
    main()
