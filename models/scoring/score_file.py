"""A file of panels scored from its first row to its last, in constant memory.

This thread reads and writes, others score; rows keep their order.
"""

import csv
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from data.errors import CsfError
from models.classifier import Classifier
from models.scoring.answer_columns import FAULT_COLUMNS, Label
from models.scoring.answer_rows import answer_rows
from models.scoring.circumstances import Circumstances
from models.scoring.kinds import new_predictions, open_panels
from models.scoring.layout import Layout, read_layout
from models.scoring.new_file import new_file
from models.scoring.rows import AnsweredRows, RowFault, Rows


@dataclass(frozen=True, slots=True)
class ScoredFile:
    """What came of a file: how many rows, how many of them with faults."""

    n_rows: int
    n_faulty: int
    layout: Layout


def score_file(
    classifier: Classifier,
    file: Path,
    out: Path,
    faults: Path,
    stated: Circumstances,
    *,
    tell: Callable[[int], None] = lambda n_rows: None,
) -> ScoredFile:
    """Score the panels of a file, one row per patient, into a file of the same kind.

    Parameters
    ----------
    out
        Written in one step when all rows are done; never overwritten.
    faults
        CSV of what is wrong with rows, written only if there is anything, just before `out`.
    stated
        What holds for all rows where no column says it.
    tell
        Is told how many rows are done.

    Raises
    ------
    PanelError
        The columns are not those of panels; nothing is written.
    TableError
        The file is not what its name says, or is damaged; nothing is written.
    CsfError
        `out` or `faults` is there already.
    """
    if out.absolute() == faults.absolute():
        raise CsfError("predictions and faults must be different files")
    n_rows = n_faulty = 0
    with (
        closing(open_panels(file)) as panels,
        new_file(out) as new_out,
        new_file(faults) as new_faults,
        closing(FaultRows(new_faults)) as fault_rows,
    ):
        layout = read_layout(classifier, panels.columns, stated)
        score = partial(answer_rows, classifier, layout, stated)
        with closing(new_predictions(panels, new_out, Label.of_classifier(classifier))) as written:
            for answered in in_order(score, panels.rows(layout)):
                written.write(answered)
                fault_rows.write(answered.faults)
                n_rows += len(answered.faulty)
                n_faulty += int(answered.faulty.sum())
                tell(n_rows)
    return ScoredFile(n_rows, n_faulty, layout)


class FaultRows:
    """Faults as they come, in CSV; without any there is no file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: TextIO | None = None

    def write(self, faults: Iterable[RowFault]) -> None:
        """Add faults, in the order of the rows."""
        for number, patient_id, fault in faults:
            if self._file is None:
                self._file = self._path.open("w", encoding="utf-8", newline="")
                self._writer = csv.writer(self._file, lineterminator="\n")
                self._writer.writerow(FAULT_COLUMNS)
            self._writer.writerow((number, patient_id, fault.path, fault.code, fault.message))

    def close(self) -> None:
        """Close the file, if there is one."""
        if self._file is not None:
            self._file.close()


def in_order(score: Callable[[Rows], AnsweredRows], rows: Iterable[Rows]) -> Iterator[AnsweredRows]:
    """Rows scored by as many threads as there are processors, a few ahead, in the same order."""
    n_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    waiting: deque[Future[AnsweredRows]] = deque()
    with ThreadPoolExecutor(n_threads) as pool:
        try:
            for some in rows:
                waiting.append(pool.submit(score, some))
                if len(waiting) > (n_threads or 1):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
