"""From the JSON of a laboratory to panels of the domain, with every fault and its place."""

from data.analytes import AnalyteTable
from data.errors import Fault, FaultsError, PanelError
from data.measurement import Measurement, read_measurement
from data.panel import Panel, TaskName
from service.schemas import MeasurementBody, PanelBody, PredictionBody


def task_of(body: PredictionBody) -> TaskName:
    """The task asked for; left out, it follows from whether there is a follow-up panel."""
    return body.task or ("on_treatment" if body.follow_up is not None else "pretreatment")


def read_panels(
    body: PredictionBody, analytes: AnalyteTable, faults: list[Fault]
) -> tuple[Panel | None, Panel | None]:
    """Baseline and follow-up panel of a request.

    Every fault goes to `faults`, with its place in the request. A panel is given as far as it
    could be read, so that the rules about whole panels and pairs can be checked in the same
    pass; with any fault, none of it may be used. None where there is no panel to check.
    """
    baseline = _read_panel(body.baseline, analytes, "/baseline", faults)
    if body.follow_up is None:
        return baseline, None
    return baseline, _read_panel(body.follow_up, analytes, "/follow_up", faults)


def _read_panel(
    body: PanelBody, analytes: AnalyteTable, path: str, faults: list[Fault]
) -> Panel | None:
    measurements: list[Measurement] = []
    for index, received in enumerate(body.measurements):
        try:
            measurements.append(
                read_measurement(
                    analytes,
                    received.analyte,
                    received.result,
                    unit=received.unit,
                    lloq=received.lloq,
                    uloq=received.uloq,
                    platform=received.platform,
                    plate=received.plate,
                )
            )
        except FaultsError as error:
            faults += [fault.under(f"{path}/measurements/{index}") for fault in error.faults]
            measurements += _unread(received, analytes)
    if not measurements:
        return None
    try:
        return Panel(body.month, tuple(measurements), body.specimen_id)
    except PanelError as error:
        faults += [fault.under(path) for fault in error.faults]
        return None


def _unread(received: MeasurementBody, analytes: AnalyteTable) -> list[Measurement]:
    """What stands for a result that was refused while its panel's other rules are checked."""
    analyte = analytes.find(received.analyte)
    if analyte is None:
        return []
    return [
        Measurement(analyte.name, analyte.lower, "none", None, analyte.unit, "", received.platform)
    ]
