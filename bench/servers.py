"""What others write where ours answers: a bare FastAPI route, and the service of a tutorial.

`bare` declares our body model and answers a constant. `tutorial` loads a pipeline with joblib,
makes a DataFrame and asks `predict_proba`; it records nothing and explains nothing. Both run on
uvicorn with uvloop, httptools and no access log.

Usage: python bench/servers.py bare|tutorial [MODEL.joblib]
"""

import sys
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from service.schemas import PredictionBody

ANALYTES = {"TNF": "tnf", "MCP-1": "mcp1", "TGF-b1": "tgfb1"}
COLUMNS = [f"{panel}_{name}" for panel in ("baseline", "follow_up") for name in ANALYTES.values()]
ONE, ROWS, ITEMS = "/v1/predictions", "/rows", "/items"


class Row(BaseModel):
    """A patient of the tutorial's batch: flat, numbers only."""

    patient_id: str
    baseline_tnf: float
    baseline_mcp1: float
    baseline_tgfb1: float
    follow_up_tnf: float
    follow_up_mcp1: float
    follow_up_tgfb1: float


class Answer(BaseModel):
    """What the tutorial says of one patient of a batch."""

    patient_id: str
    probability: float


class Items(BaseModel):
    """Many of our bodies."""

    items: list[PredictionBody]


def bare() -> FastAPI:
    app = FastAPI()

    @app.get("/readyz")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.post(ONE, status_code=201)
    async def predict(body: PredictionBody) -> dict[str, float]:
        return {"probability": 0.5}

    return app


def tutorial(saved: Path) -> FastAPI:
    import joblib
    import pandas as pd

    app, model = FastAPI(), joblib.load(saved)

    def probabilities(rows: list[dict[str, float]]) -> list[float]:
        return model.predict_proba(pd.DataFrame(rows)[COLUMNS])[:, 1].tolist()

    @app.get("/readyz")
    def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.post(ONE, status_code=201)
    def predict(body: PredictionBody) -> dict[str, float]:
        return {"probability": probabilities([flat(body)])[0]}

    @app.post(ROWS)
    def predict_rows(rows: list[Row]) -> list[Answer]:
        return answers(rows, probabilities([row.model_dump() for row in rows]))

    @app.post(ITEMS)
    def predict_items(body: Items) -> list[Answer]:
        return answers(body.items, probabilities([flat(item) for item in body.items]))

    return app


def answers(asked: Any, probabilities: list[float]) -> list[Answer]:
    return [
        Answer(patient_id=one.patient_id, probability=probability)
        for one, probability in zip(asked, probabilities, strict=True)
    ]


def flat(body: PredictionBody) -> dict[str, float]:
    """A nested body as the tutorial's columns."""
    panels: dict[str, Any] = {"baseline": body.baseline, "follow_up": body.follow_up}
    return {
        f"{name}_{ANALYTES[measured.analyte]}": measured.result
        for name, panel in panels.items()
        for measured in panel.measurements
    }


def fit_tutorial(saved: Path) -> None:
    """A pipeline on made-up levels, pickled by joblib: what it says does not matter here."""
    import joblib
    import numpy as np
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(1)
    levels = pd.DataFrame(rng.lognormal(4, 0.6, (64, len(COLUMNS))), columns=COLUMNS)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    joblib.dump(model.fit(levels, rng.random(64) < 0.4), saved)


def main() -> None:
    name, *saved = sys.argv[1:]
    app = bare() if name == "bare" else tutorial(Path(saved[0]))
    config = uvicorn.Config(app, port=0, access_log=False, server_header=False, log_level="warning")
    listening = config.bind_socket()
    listening.listen(config.backlog)
    print(f"Serving on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
