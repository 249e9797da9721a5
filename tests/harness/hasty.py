"""The service as it must not be: it answers, and commits a moment later."""

import asyncio
from typing import Any

from fastapi import FastAPI

from service.app import create_app as honest_app
from service.store.group_commit import GroupCommit
from service.store.records import Reply, Submission

LATER_SECONDS = 0.2


def create_app() -> FastAPI:
    """The application with its store's promise taken away."""
    in_time: Any = GroupCommit.append

    async def append(self: GroupCommit, submission: Submission) -> Reply:
        async def later() -> None:
            await asyncio.sleep(LATER_SECONDS)
            await in_time(self, submission)

        self.pending = getattr(self, "pending", [])  # type: ignore[attr-defined]
        self.pending.append(asyncio.ensure_future(later()))  # type: ignore[attr-defined]
        prediction_id = submission.predictions[0].prediction_id
        return Reply(submission.status, submission.answer, prediction_id, replayed=False)

    GroupCommit.append = append  # type: ignore[method-assign]
    return honest_app()
