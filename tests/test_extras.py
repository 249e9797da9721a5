"""Each extra installs something that works."""

import altair
import joblib
import vl_convert
from dask.distributed import Client, LocalCluster

from models.bundle import content_sha256
from training.run import Trained


def content(trained: Trained) -> str:
    manifest = trained.manifest.model_dump(mode="json")
    return content_sha256(manifest, trained.evaluation, trained.estimator.as_json(), None)


def test_plots_draw_without_a_browser() -> None:
    chart = altair.Chart(altair.Data(values=[{"x": 0, "y": 1}])).mark_point().encode(x="x:Q")
    svg = vl_convert.vegalite_to_svg(chart.to_json())
    assert svg.startswith("<svg")


def test_a_cluster_trains_the_same_content(cohort, train_quickly) -> None:
    here = train_quickly(cohort, "pretreatment")
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster),
        joblib.parallel_config(backend="dask"),
    ):
        there = train_quickly(cohort, "pretreatment", jobs=2)
        ran = list(cluster.scheduler.task_prefixes)
    assert any("run_repeat" in name for name in map(str, ran)), ran
    assert content(here) == content(there)
