"""`/monitoring`: how the classifiers do among the patients that they have answered for."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from fastapi import Response

from data.errors import PanelError
from data.panel import TASK_NAMES
from models.bundle import Bundle
from models.registry import Registry
from service.errors import RequestError
from service.metrics import Metrics
from service.monitoring.looking import find_bundle
from service.monitoring.traffic import traffic
from service.pages.live_attention import sentences
from service.pages.prediction_filter import Wanted, read_filter
from service.pages.visit import Visit
from service.routes.monitoring import ReportName, find_report

if TYPE_CHECKING:
    from charts.chart import Figure
    from charts.table import Table

_REPORTS: Final[tuple[ReportName, ...]] = ("performance", "drift", "volume")
_MOST_BUNDLES: Final = 20
"""As many as the reports have."""

Report = Mapping[str, Any]


def show(visit: Visit) -> Response:
    """The page of live numbers."""
    # Here, so that a service starts without what charts need.
    from charts.theme import DARK

    wanted = read_filter(visit.request.query_params)
    reports = find_reports(visit, wanted)
    bundles = [_bundle(visit, parts) for parts in _by_bundle(reports)]
    metrics: Metrics = visit.request.app.state.metrics
    return visit.page(
        "monitoring.html",
        wanted=wanted,
        tasks=TASK_NAMES,
        reports=reports,
        bundles=bundles,
        traffic=traffic(metrics.samples()),
        dark=DARK,
        is_recording=visit.settings.record,
        simulated=any(one["simulated"] for one in bundles),
    )


def attention(visit: Visit) -> Response:
    """The part of the first page that says what live numbers ask somebody to look at."""
    reports = find_reports(visit, Wanted())
    champions = [parts for parts in _by_bundle(reports) if _facts(parts)["champion"]]
    return visit.page("attention.html", found=list(sentences(champions)))


def find_reports(visit: Visit, wanted: Wanted) -> dict[str, Report]:
    """All three reports, by name.

    Raises
    ------
    RequestError
        The filter is none, or other reports are being made.
    """
    asked = wanted.predictions()
    try:
        return {name: find_report(visit.request, name, asked) for name in _REPORTS}
    except PanelError:
        sentence = "the last day must not lie before the first"
        raise RequestError(422, "bad_filter", sentence) from None


def _by_bundle(reports: Mapping[str, Report]) -> Iterator[dict[str, Any]]:
    """What the reports say of the newest bundles in use; None where one says nothing."""
    found = {
        name: {part["bundle_id"]: part for part in report["bundles"]}
        for name, report in reports.items()
    }
    for bundle_id in sorted(found["volume"] | found["performance"], reverse=True)[:_MOST_BUNDLES]:
        yield {name: found[name].get(bundle_id) for name in _REPORTS}


def _bundle(visit: Visit, parts: Mapping[str, Any]) -> dict[str, Any]:
    """One bundle as the page shows it: what it is, its tables and figures."""
    facts = _facts(parts)
    unknown = {"simulated": False, "exploratory": False, "tables": {}, "said": []}
    shown = {"readable": True, **unknown, "figures": dict.fromkeys(_REPORTS, ()), **facts, **parts}
    registry: Registry = visit.request.app.state.registry
    bundle = find_bundle(visit.champions, registry, facts["bundle_id"])
    if bundle is None or not shown["readable"]:
        return shown | {"readable": False}
    return shown | {
        "tables": _tables(parts, bundle),
        "figures": _figures(parts, bundle),
        "said": list(_said(parts["performance"])),
    }


def _said(performance: Report | None) -> Iterator[str]:
    """The report's own sentences."""
    from charts.live.measures import measures

    if performance:
        yield from (one["sentence"] for one in measures(performance["estimates"]).values())


def _facts(parts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Which bundle it is, from the first report that says anything of it."""
    found: Mapping[str, Any] = next(part for part in parts.values() if part)
    return found


def _tables(parts: Mapping[str, Any], bundle: Bundle) -> "dict[str, Table]":
    """Those that no figure stands beside."""
    from charts.live.drift_plots import levels_table, ranges_table, shares_table
    from charts.live.performance_plots import calibration_table, measures_table

    tables: dict[str, Table] = {}
    if parts["performance"]:
        of = parts["performance"]
        tables |= {"measures": measures_table(of), "calibration": calibration_table(of)}
    if parts["drift"] and parts["drift"]["drift"]:
        units = {one.name: one.unit for one in bundle.manifest.domain_analytes()}
        of = parts["drift"]
        tables |= {
            "levels": levels_table(of),
            "ranges": ranges_table(of, units),
            "shares": shares_table(of),
        }
    return tables


def _figures(parts: Mapping[str, Any], bundle: Bundle) -> "dict[str, list[Figure]]":
    from charts.live.drift_plots import drift_plots
    from charts.live.performance_plots import performance_plots
    from charts.live.volume_plots import volume_plots

    performance, drift, volume = (parts[name] for name in _REPORTS)
    threshold = bundle.manifest.operating_point.threshold
    simulated = {"simulated": bundle.manifest.simulated}
    figures: dict[str, list[Figure]] = {name: [] for name in _REPORTS}
    if performance:
        figures["performance"] += performance_plots(performance, bundle.evaluation["roc"][0])
    if drift and drift["drift"]:
        figures["drift"] += drift_plots(drift, threshold)
    if volume:
        figures["volume"] += volume_plots(volume | simulated)
    return figures
