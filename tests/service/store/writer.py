"""Writers as processes of their own; each line they print is something that was acknowledged.

`writer.py URL PEPPER PROCESSES CALLERS RECORDS [--key KEY] [--wrong]`. With `--wrong` a line
is printed before the commit, as a store would that loses what it acknowledged.
"""

import argparse
import asyncio
import itertools
import os
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from models.canonical import sha256
from service.store.errors import StoreError
from service.store.group_commit import GroupCommit
from service.store.open_store import open_store
from service.store.pepper import read_pepper
from service.store.records import IdempotencyKey, NewPrediction, Submission


def submission(key: str | None) -> Submission:
    prediction_id = str(uuid.uuid4())
    answer = b'{"prediction_id":"%s"}' % prediction_id.encode()
    prediction = NewPrediction(
        prediction_id=prediction_id,
        tenant="lab",
        patient_id="P-017",
        created_at=datetime.now(UTC),
        task="on_treatment",
        bundle_id="20260102T120000Z-0123456789ab",
        content_sha256="a" * 64,
        input=b'{"patient_id":"P-017"}',
        answer=answer,
    )
    named = None if key is None else IdempotencyKey("client", key, "b" * 64)
    return Submission((prediction,), prediction.created_at, "actor", 201, answer, named)


def acknowledge(prediction_id: str | None, answer: bytes, waited: float) -> None:
    os.write(1, f"{prediction_id} {sha256(answer)} {waited:.3f}\n".encode())


async def post(commits: GroupCommit, asked: argparse.Namespace) -> None:
    one = submission(asked.key)
    begun = time.monotonic()
    if asked.wrong:
        acknowledge(one.predictions[0].prediction_id, one.answer, 0)
    try:
        reply = await commits.append(one)
    except StoreError as error:
        os.write(1, f"{type(error).__name__} - {time.monotonic() - begun:.3f}\n".encode())
        return
    if not asked.wrong:
        acknowledge(reply.prediction_id, reply.answer, time.monotonic() - begun)


async def write(commits: GroupCommit, asked: argparse.Namespace) -> None:
    counted = itertools.count()

    async def caller() -> None:
        while next(counted) < asked.records * asked.callers:
            await post(commits, asked)

    await asyncio.gather(*(caller() for _ in range(asked.callers)))


def one_process(asked: argparse.Namespace) -> None:
    store = open_store(asked.url, read_pepper(asked.pepper))
    commits = GroupCommit(store)
    asyncio.run(write(commits, asked))
    commits.close()
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("pepper", type=Path)
    for name in ("processes", "callers", "records"):
        parser.add_argument(name, type=int)
    parser.add_argument("--key")
    parser.add_argument("--wrong", action="store_true")
    asked = parser.parse_args()
    if asked.processes == 1:
        return one_process(asked)
    children = []
    for _ in range(asked.processes):
        child = os.fork()
        if child == 0:
            one_process(asked)
            os._exit(0)
        children.append(child)
    return sys.exit(any(os.waitpid(child, 0)[1] for child in children))


if __name__ == "__main__":
    main()
