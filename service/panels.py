"""From the JSON of a laboratory to panels of the domain, with every fault and its place."""

from data.analytes import AnalyteTable
from data.errors import Fault, FaultsError, PanelError
from data.measurement import Measurement, read_measurement
from data.panel import Panel, PanelPair, TaskName
from service.schemas import PanelBody, PredictionBody


def task_of(body: PredictionBody) -> TaskName:
    """The task asked for; left out, it follows from whether there is a follow-up panel."""
    return body.task or ("on_treatment" if body.follow_up is not None else "pretreatment")


def read_pair(body: PredictionBody, analytes: AnalyteTable) -> PanelPair:
    """The pair of panels in a request.

    Raises
    ------
    PanelError
        With every fault of both panels; paths point into the request.
    """
    faults: list[Fault] = []
    baseline = _read_panel(body.baseline, analytes, "/baseline", faults)
    follow_up = None
    if body.follow_up is not None:
        follow_up = _read_panel(body.follow_up, analytes, "/follow_up", faults)
    if faults or baseline is None:
        raise PanelError(faults)
    return PanelPair(body.patient_id, baseline, follow_up)


def _read_panel(
    body: PanelBody, analytes: AnalyteTable, path: str, faults: list[Fault]
) -> Panel | None:
    measurements: list[Measurement] = []
    n_faults = len(faults)
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
    if len(faults) > n_faults:
        return None
    try:
        return Panel(body.month, tuple(measurements), body.specimen_id)
    except PanelError as error:
        faults += [fault.under(path) for fault in error.faults]
        return None
