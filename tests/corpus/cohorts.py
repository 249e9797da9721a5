"""Cohorts as laboratories, spreadsheets and attackers write them, good ones among them.

Each case writes one source, a folder or a single table, and says which rules it breaks and
where. Nothing of the project is imported. Workbooks, Parquet files and bombs are in
`binary_cohorts.py`.
"""

import csv
import io
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

Found = tuple[str, int | None, str | None, str]
"""File, row, column and rule of a fault."""
Write = Callable[[Path], Path]
Edit = Callable[[Path], object]

MARKER: Final = "KANARIENVOGEL"
"""Stands in the files, and in no message."""
NUMBER: Final = "7319373193"
"""The same as a number."""


@dataclass(frozen=True, slots=True)
class Case:
    """A source of a cohort and what must be found in it.

    Attributes
    ----------
    kind
        Class: encoding, separator, decimal, ids, structure, values, units, months, visits,
        swapped, single_table, provenance, xlsx, parquet or bombs.
    write
        Writes the source under a folder and gives its path.
    expected
        Rules that are broken; none of a good source.
    places
        All faults in order, where they are certain.
    same
        What a good source shares with the others: everything the cohort says (``sha256``), or
        its values, written otherwise (``values``).
    """

    kind: str
    name: str
    write: Write
    expected: frozenset[str] = frozenset()
    places: tuple[Found, ...] = ()
    same: Literal["", "sha256", "values"] = ""


P, C, A, S, E = "participants", "cytokines", "alsfrs_r", "survival", "adverse_events"
ITEMS: Final = ",".join(f"item_{number}" for number in range(1, 13))

GOOD: Final[Mapping[str, str]] = {
    P: f"""patient_id,arm,site,age
P-1,msc,A,51
P-2,control,{MARKER},62
""",
    C: """patient_id,month,analyte,result,unit,lloq,uloq,platform,plate,cv_percent
P-1,0,TNF,<0.7,pg/mL,0.7,400,milliplex,p1,12
P-1,0,MCP-1,500.5,pg/mL,,,milliplex,p1,
P-1,0.8542094455852156,TNF,OOR <,pg/mL,0.7,400,milliplex,p1,
P-2,0,TGF-b1,*61,ng/L,19,,milliplex,p2,9.5
""",
    A: """patient_id,month,total
P-1,-3,43
P-1,0,40
P-1,4,39
P-2,0,38
""",
    S: """patient_id,months,event
P-1,28.7,1
P-2,12,0
""",
    E: """patient_id,term,grade,serious,related
P-1,Back pain,1,no,yes
""",
}
PROVENANCE: Final = '{"simulated": true, "description": "made up"}\n'

SINGLE: Final = f"""patient_id,month,analyte,result,unit,platform,responder,site
P-1,0,TNF,1.5,pg/mL,msd,yes,{MARKER}
P-1,1,TNF,1.2,pg/mL,msd,yes,{MARKER}
P-1,0,MCP-1,<300,pg/mL,msd,yes,{MARKER}
P-2,0,TNF,2.5,pg/mL,msd,no,B
"""


def write_good(folder: Path) -> Path:
    """The good folder."""
    target = folder / "cohort"
    target.mkdir(parents=True)
    for stem, text in GOOD.items():
        (target / f"{stem}.csv").write_text(text, encoding="utf-8")
    (target / "cohort.json").write_text(PROVENANCE)
    return target


def edited(*edits: Edit) -> Write:
    """The good folder with these edits."""

    def write(folder: Path) -> Path:
        target = write_good(folder)
        for edit in edits:
            edit(target)
        return target

    return write


def change(stem: str, old: str, new: str) -> Edit:
    """Other text in one place of a table."""

    def edit(folder: Path) -> None:
        path = folder / f"{stem}.csv"
        content = path.read_text(encoding="utf-8")
        assert old in content
        path.write_text(content.replace(old, new, 1), encoding="utf-8")

    return edit


def put(name: str, content: str | bytes) -> Edit:
    """A file with this content, in place of the table of that name if it is one."""
    written = content if isinstance(content, bytes) else content.encode()
    file = f"{name}.csv" if name in GOOD else name
    return lambda folder: (folder / file).write_bytes(written)


def add(stem: str, rows: str) -> Edit:
    """Further rows."""
    return put(stem, GOOD[stem] + rows)


def remove(stem: str) -> Edit:
    """No such table."""
    return lambda folder: (folder / f"{stem}.csv").unlink()


def instead(stem: str, suffix: str, make: Callable[[Path], object]) -> Edit:
    """Something else than a file under the name of a table."""

    def edit(folder: Path) -> None:
        (folder / f"{stem}.csv").unlink()
        make(folder / f"{stem}{suffix}")

    return edit


def bad(kind: str, name: str, *edits: Edit, places: list[Found]) -> Case:
    """A good folder with edits that break rules; stems in `places` stand for their files."""
    full = tuple((f"{file}.csv" if file in GOOD else file, *rest) for file, *rest in places)
    return Case(kind, name, edited(*edits), frozenset(rule for *_, rule in places), full)


def good(kind: str, name: str, *edits: Edit, same: Literal["", "sha256", "values"] = "") -> Case:
    """A good folder written otherwise."""
    return Case(kind, name, edited(*edits), same=same)


def rows_of(text: str) -> list[list[str]]:
    """A table's cells."""
    return list(csv.reader(io.StringIO(text)))


def delimited(
    text: str, separator: str, *, comma: bool = False, quote: bool = False, gap: bool = False
) -> str:
    """A table with another separator; with decimal commas, quotes or a blank second column."""
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if quote else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n", quoting=quoting)
    for row in rows_of(text):
        if gap:
            row.insert(1, "")
        writer.writerow([re.sub(r"(?<=\d)\.(?=\d)", ",", c) if comma else c for c in row])
    return out.getvalue()


ENCODINGS: Final[Mapping[str, Callable[[str], bytes]]] = {
    "UTF-8": str.encode,
    "UTF-8 with BOM": lambda text: text.encode("utf-8-sig"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 big endian": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "UTF-16 without mark": lambda text: text.encode("utf-16-le"),
    "UTF-16 big endian without mark": lambda text: text.encode("utf-16-be"),
    "Windows-1252": lambda text: text.encode("cp1252"),
    "Latin-1": lambda text: text.encode("latin-1"),
}
SEPARATORS: Final = {"comma": ",", "semicolon": ";", "tab": "\t"}


def accented(stem: str) -> str:
    """A table with letters beyond ASCII that all the encodings have."""
    text = GOOD[stem].replace(",A,", ",Z\u00fcrich,").replace("TGF-b1", "TGF-\u00df1")
    return text.replace("*61,ng/L,19", "*0.061,\u00b5g/L,0.019")


def encodings() -> Iterator[Case]:
    """The same cohort in every encoding with every separator and both decimal marks."""
    for encoding, encode in ENCODINGS.items():
        for name, separator in SEPARATORS.items():
            for comma in (False, True):
                edits = [
                    put(stem, encode(delimited(accented(stem), separator, comma=comma)))
                    for stem in GOOD
                ]
                mark = "decimal comma" if comma else "decimal point"
                same: Literal["sha256", "values"] = "values" if comma else "sha256"
                yield good("encoding", f"{encoding}, {name}, {mark}", *edits, same=same)
    two = GOOD[P].encode() + b"P-3,msc,\xc4,1\nP-4,msc,\xc3\x84,1\n"
    micro = GOOD[P].encode() + b"P-3,msc,\xc4,1\nP-4,msc,\xc2\xb5,1\n"
    whole = [(P, None, None, "mixed_encoding")]
    yield bad("encoding", "two encodings", put(P, two), places=whole)
    yield bad("encoding", "two encodings, a micro sign", put(P, micro), places=whole)
    broken = {
        "half of UTF-16": GOOD[P].encode("utf-16")[:-1],
        "UTF-32": GOOD[P].encode("utf-32"),
        "UTF-16 with a lone half": GOOD[P].encode("utf-16") + b"\x00\xd8",
        "bytes of no encoding": GOOD[P].encode() + b"P-3,msc,\x81,1\n",
    }
    for name, content in broken.items():
        yield bad("encoding", name, put(P, content), places=[(P, None, None, "not_text")])
    yield bad("encoding", "UTF-32 without mark", put(P, GOOD[P].encode("utf-32-le")),
              places=[(P, row, "A", "not_text") for row in (1, 2, 3, 4)])  # fmt: skip
    yield bad("encoding", "a NUL byte", change(P, ",A,", ",A\0,"),
              places=[(P, 2, "C", "not_text")])  # fmt: skip
    yield bad("encoding", "an escape sequence", change(P, ",A,", ",\x1b[31m,"),
              places=[(P, 2, "C", "not_text")])  # fmt: skip
    yield bad("encoding", "a mark in a name", put(P, "patient_id,\u200barm\nP-1,msc\n"),
              places=[(P, 1, "B", "column_name")])  # fmt: skip


def separators() -> Iterator[Case]:
    """Separators, quotes, line ends, and what spreadsheets leave around a table."""
    for name, separator in SEPARATORS.items():
        told = [put(s, f"sep={separator}\r\n" + delimited(GOOD[s], separator)) for s in GOOD]
        yield good("separator", f"sep= {name}", *told, same="sha256")
        quoted = [put(s, delimited(GOOD[s], separator, quote=True)) for s in GOOD]
        yield good("separator", f"everything quoted, {name}", *quoted, same="sha256")
    written = {
        "LF": GOOD[A],
        "CR": GOOD[A].replace("\n", "\r"),
        "CRLF": GOOD[A].replace("\n", "\r\n"),
        "mixed line ends": GOOD[A].replace("\n", "\r\n", 2),
        "no last line end": GOOD[A].rstrip("\n"),
        "blank rows": GOOD[A].replace("\n", "\n\n,,\n", 3),
        "300,000 blank rows": GOOD[A] + ",,\n" * 300_000,
        "trailing blank columns": GOOD[A].replace("\n", ",,,\n"),
        "a blank column within": delimited(GOOD[A], ",", gap=True),
        "spaces": GOOD[A].replace(",", " , "),
        "no-break and thin spaces": GOOD[A].replace(",", "\u00a0,\u2009"),
        "names in capitals": GOOD[A].replace("patient_id,month", "Patient ID,MONTH"),
        "a line break in a name": GOOD[A].replace("patient_id", '"Patient\nID"'),
        "a no-break space in a name": GOOD[A].replace("patient_id", "Patient\u00a0ID"),
        "columns in another order": "total,month,patient_id\n43,-3,P-1\n40,0,P-1\n39,4,P-1\n"
        "38,0,P-2\n",
        "a true minus sign": GOOD[A].replace("-3", "\u22123"),
        "signs and zeros": GOOD[A].replace(",4,", ",+4.0,").replace(",0,", ",-0,"),
    }  # fmt: skip
    for name, text in written.items():
        yield good("separator", name, put(A, text), same="sha256")
    for suffix in (".tsv", ".txt", ".CSV"):
        moved = instead(A, suffix, lambda path: path.write_text(GOOD[A].replace(",", "\t")))
        yield good("separator", f"a table called {suffix}", moved, same="sha256")
    renamed = instead(E, "", lambda path: (path.parent / "Adverse Events.csv").write_text(GOOD[E]))
    yield good("separator", "a file's name with a space", renamed, same="sha256")
    one = [(P, None, None, "separator")]
    yield bad("separator", "bars", put(P, GOOD[P].replace(",", "|")), places=one)
    yield bad("separator", "spaces between cells", put(P, GOOD[P].replace(",", "  ")), places=one)
    lines = "".join(f'"{line}"\n' for line in GOOD[P].splitlines())
    yield bad("separator", "whole lines quoted", put(P, lines), places=one)
    titled = f"Study {MARKER}\n\n"
    header = [(P, 1, None, "no_header")]
    yield bad("separator", "a title line", put(P, titled + GOOD[P]), places=header)
    yield bad("separator", "a title line in a workbook's CSV",
              put(P, f"Study {MARKER},,,\n,,,\n" + GOOD[P]), places=header)  # fmt: skip
    yield bad("separator", "a title line over semicolons",
              put(P, titled + GOOD[P].replace(",", ";")), places=one)  # fmt: skip
    yield bad("separator", "notes under the table", put(P, GOOD[P] + f"\nNote: {MARKER}\n"),
              places=[(P, 5, None, "ragged_row")])  # fmt: skip
    yield bad("separator", "one comma too many", change(P, "P-1,msc,A,51", "P-1,msc,A,51,"),
              places=[(P, 2, None, "ragged_row")])  # fmt: skip


def decimals() -> Iterator[Case]:
    """Decimal commas, and numbers that could be two."""
    comma = GOOD[C].replace("<0.7", '"<0,7"').replace("500.5", '"500,5"').replace("0.7", '"0,7"')
    comma = comma.replace("0.8542094455852156", '"0,8542094455852156"').replace("9.5", '"9,5"')
    yield good("decimal", "commas", put(C, comma), same="values")
    yield good("decimal", "a comma before three digits among commas",
               put(C, comma.replace('"500,5"', '"500,500"')), same="values")  # fmt: skip
    yield good("decimal", "a point before three digits among points",
               change(C, "500.5", "500.500"), same="values")  # fmt: skip
    pointed = {**GOOD, C: comma.replace('"500,5"', '"500,500"')}
    yield good("decimal", "ids with points beside commas",
               *(put(s, text.replace("\nP-", "\n1.")) for s, text in pointed.items()))  # fmt: skip
    result: list[Found] = [(C, 3, "result", "ambiguous_number")]
    yield bad("decimal", "a comma before three digits", change(C, "500.5", '"1,500"'),
              places=result)  # fmt: skip
    yield bad("decimal", "a point before three digits among commas",
              put(C, comma.replace('"500,5"', "1.500")), places=result)  # fmt: skip
    yield bad("decimal", "three digits where marks are mixed",
              put(C, comma.replace('"500,5"', '"1,500"').replace('"9,5"', "9.5")),
              places=result)  # fmt: skip
    yield bad("decimal", "a limit before three digits", change(C, ",19,", ',"1,900",'),
              places=[(C, 5, "lloq", "ambiguous_number")])  # fmt: skip
    yield bad("decimal", "a month before three digits",
              change(C, "0.8542094455852156", '"1,854"'),
              places=[(C, 4, "month", "ambiguous_number")])  # fmt: skip
    odd = {
        "a space for thousands": "1 500", "an apostrophe for thousands": "1'500",
        "thousands and decimals": '"1,500.5"', "German thousands and decimals": '"1.500,5"',
        "full-width digits": "\uff15\uff10\uff10", "Arabic digits": "\u0665\u0660\u0660",
        "two marks": "5.0.0", "an underscore": "5_00", "hexadecimal": "0x1F4",
        "a number with its unit": "500 pg/mL", "at most": "\u2264500", "about": "~500",
        "a fraction": "\u00bd", "not a number": "NaN", "infinite": "Infinity", "inf": "inf",
    }  # fmt: skip
    for name, text in odd.items():
        yield bad("decimal", name, change(C, "500.5", text),
                  places=[(C, 3, "result", "unreadable_result")])  # fmt: skip
    yield bad("decimal", "beyond every float", change(C, "500.5", "1e999"),
              places=[(C, 3, "result", "not_finite")])  # fmt: skip


def ids() -> Iterator[Case]:
    """What becomes of ids, and patients who are not there."""

    def renamed(old: str, new: str, *stems: str) -> list[Edit]:
        """Another id at the start of each row."""
        return [put(stem, GOOD[stem].replace(f"\n{old},", f"\n{new},")) for stem in stems]

    everywhere = tuple(GOOD)
    yield good("ids", "leading zeros everywhere", *renamed("P-1", "0001", *everywhere))
    yield good("ids", "a site's code like a month", *renamed("P-1", "MAR-01", *everywhere))
    yield bad("ids", "zeros lost in one table", *renamed("P-1", "0001", P, C, A, E),
              *renamed("P-1", "1", S), places=[(S, 2, "patient_id", "id_changed")])  # fmt: skip
    yield bad("ids", "made a decimal in one table", *renamed("P-1", "17", P, C, A, E),
              *renamed("P-1", "17.0", S), places=[(S, 2, "patient_id", "id_changed")])  # fmt: skip
    yield bad("ids", "in lower case", change(C, "P-2", "p-2"),
              places=[(C, 5, "patient_id", "id_changed")])  # fmt: skip
    yield bad("ids", "two alike", add(P, "p-1,msc,A,1\n"),
              places=[(P, 4, "patient_id", "ids_alike")])  # fmt: skip
    for written in ("NA", "nan", "None", "NULL", "TRUE"):
        yield bad("ids", f"missing as {written}", add(P, f"{written},msc,A,1\n"),
                  places=[(P, 4, "patient_id", "missing_id")])  # fmt: skip
    for written in ("1-Feb", "01-Feb", "Feb-01", "1-Mar-24"):
        yield bad("ids", f"a date made of it, {written}", add(P, f"{written},msc,A,1\n"),
                  places=[(P, 4, "patient_id", "date_id")])  # fmt: skip
    unfit = {"none": "", "65 letters": "x" * 65, "a power of ten": "1.2E+15", "a path": "../x",
             "a slash": "P/1", "an umlaut": "P\u00fc", "a quote": "'0001", "a comma": '"P,1"',
             "a direction mark": "P\u202e1", "full-width": "\uff30-1"}  # fmt: skip
    for name, written in unfit.items():
        yield bad("ids", name, add(P, f"{written},msc,A,1\n"),
                  places=[(P, 4, "patient_id", "bad_id")])  # fmt: skip
    yield bad("ids", "Excel's trick for zeros", add(P, '"=""0001""",msc,A,1\n'),
              places=[(P, 4, "patient_id", "formula_text")])  # fmt: skip
    yield bad("ids", "unknown CSF", change(C, "P-2", f"P-{NUMBER}"),
              places=[(C, 5, "patient_id", "unknown_patient")])  # fmt: skip
    yield bad("ids", "unknown visit", change(A, "P-2", "P-02"),
              places=[(A, 5, "patient_id", "unknown_patient")])  # fmt: skip
    yield bad("ids", "unknown event", change(E, "P-1", MARKER),
              places=[(E, 2, "patient_id", "unknown_patient")])  # fmt: skip
    yield bad("ids", "a patient twice", change(P, "P-2", "P-1"), places=[
        (A, 5, "patient_id", "unknown_patient"), (C, 5, "patient_id", "unknown_patient"),
        (P, 3, "patient_id", "duplicate_patient"), (S, 3, "patient_id", "unknown_patient"),
    ])  # fmt: skip


def structure() -> Iterator[Case]:
    """Files, columns and rows."""
    for stem in (P, C, A):
        yield bad("structure", f"no {stem}", remove(stem),
                  places=[(stem, None, None, "missing_file")])  # fmt: skip
    for stem in (S, E):
        yield good("structure", f"no {stem}", remove(stem))
    stated = put(P, "patient_id,arm,responder\nP-1,msc,yes\nP-2,control,NA\n")
    yield good("structure", "stated outcomes in place of ALSFRS-R", stated, remove(A))
    missing = [(P, "arm"), (C, "result"), (C, "unit"), (A, "month"), (A, "total"), (S, "event"),
               (E, "grade")]  # fmt: skip
    for stem, column in missing:
        yield bad("structure", f"no {column} in {stem}", change(stem, column, "column"),
                  places=[(stem, None, column, "missing_column")])  # fmt: skip
    yield bad("structure", "no ids, no arms", put(P, "a,b\n1,2\n"), places=[
        (P, None, "patient_id", "missing_column"), (P, None, "arm", "missing_column"),
    ])  # fmt: skip
    yield bad("structure", "no patients", put(P, "patient_id,arm\n"),
              places=[(P, None, None, "no_rows")])  # fmt: skip
    nothing = {"empty": b"", "an empty first row": b"\npatient_id,arm\n",
               "only a byte order mark": b"\xef\xbb\xbf", "only blanks": b" , ,\n,,\n",
               "only sep=": b"sep=;\r\n"}  # fmt: skip
    for name, content in nothing.items():
        yield bad("structure", name, put(P, content), places=[(P, 1, None, "no_header")])
    yield bad("structure", "a column twice", change(P, "site", "arm"),
              places=[(P, 1, "arm", "duplicate_column")])  # fmt: skip
    yield bad("structure", "a column twice but for case", change(P, "site", "Patient ID"),
              places=[(P, 1, "patient_id", "duplicate_column")])  # fmt: skip
    yield bad("structure", "a name that computes", change(P, "site", "=1+1"),
              places=[(P, 1, "C", "column_name")])  # fmt: skip
    yield bad("structure", "a name without end", change(P, "site", "s" * 101),
              places=[(P, 1, "C", "column_name")])  # fmt: skip
    yield bad("structure", "a column without a name", change(P, "site", ""), places=[
        (P, 2, "C", "unnamed_column"), (P, 3, "C", "unnamed_column"),
    ])  # fmt: skip
    yield bad("structure", "a short row", change(P, ",62", ""),
              places=[(P, 3, None, "ragged_row")])  # fmt: skip
    yield bad("structure", "a long row", change(S, "12,0", "12,0,0"),
              places=[(S, 3, None, "ragged_row")])  # fmt: skip
    yield bad("structure", "an open quote", change(E, "Back pain", f'"{MARKER}'),
              places=[(E, 2, None, "not_csv")])  # fmt: skip
    yield bad("structure", "a quote that closes early", change(E, "Back pain", '"Back"pain'),
              places=[(E, 2, None, "not_csv")])  # fmt: skip
    yield bad("structure", "a table twice", put("participants.txt", GOOD[P]),
              places=[(P, None, None, "two_files")])  # fmt: skip
    yield bad("structure", "an old workbook", instead(S, ".xls", lambda p: p.write_bytes(b"x")),
              places=[("survival.xls", None, None, "format_not_read")])  # fmt: skip
    odd: dict[str, Callable[[Path], object]] = {
        "a folder": Path.mkdir,
        "a pipe": os.mkfifo,
        "a broken link": lambda path: path.symlink_to("nowhere"),
        "a link to itself": lambda path: path.symlink_to(path),
        "a device": lambda path: path.symlink_to("/dev/zero"),
    }
    for name, make in odd.items():
        yield bad("structure", f"{name} as a table", instead(S, ".csv", make),
                  places=[(S, None, None, "not_a_file")])  # fmt: skip
    yield Case("structure", "nothing there", lambda folder: folder / "nowhere",
               frozenset({"no_folder"}))  # fmt: skip
    for text in ("=SUM(A1)", "@SUM(A1)", "+cmd|x", "-2+A1", "=1", f'"=HYPERLINK(""{MARKER}"")"'):
        yield bad("structure", f"text that computes, {text[:4]}", change(P, ",A,", f",{text},"),
                  places=[(P, 2, "site", "formula_text")])  # fmt: skip
    for text in ("+1", "-", "---", "<script>", "'; DROP", "-3.5", "-1.5e3"):
        yield good("structure", f"text that computes nothing, {text}",
                   change(P, ",A,51", f",{text},{text}"))  # fmt: skip


def values() -> Iterator[Case]:
    """Results, limits and the further tables."""
    yield good("values", "NA where a cell may be blank", put(C, GOOD[C].replace(",,", ",NA,")
               .replace(",,", ",NA,").replace("p1,\n", "p1,NA\n")), same="sha256")  # fmt: skip
    for text in ("***", "---", "NA", "#N/A", ""):
        yield good("values", f"not reported, {text}", change(C, "500.5", text))
    cells: list[tuple[str, str, str, int, str, str]] = [
        ("a result of 0", "500.5", "0", 3, "result", "not_positive"),
        ("a negative result", "500.5", "-5", 3, "result", "not_positive"),
        ("a limit of 0", "<0.7", "<0", 2, "result", "not_positive"),
        ("a result 1000 too large", "*61,ng/L", "*61,ug/L", 5, "result", "implausible_value"),
        ("a huge result", "500.5", NUMBER, 3, "result", "implausible_value"),
        ("a spreadsheet's error", "500.5", "#DIV/0!", 3, "result", "unreadable_result"),
        ("OOR without lloq", "OOR <,pg/mL,0.7", "OOR <,pg/mL,", 4, "result", "limit_missing"),
        ("lloq above uloq", "0.7,400", "0.7,0.1", 2, "uloq", "limits_out_of_order"),
        ("lloq of 0", "0.7,400", "0,400", 2, "lloq", "limit_not_positive"),
        ("lloq in words", "0.7,400", f"{MARKER},400", 2, "lloq", "not_a_number"),
        ("lloq infinite", "0.7,400", "inf,400", 2, "lloq", "not_a_number"),
        ("CV in words", "p1,12", f"p1,{MARKER}", 2, "cv_percent", "not_a_number"),
        ("CV below 0", "p1,12", "p1,-12", 2, "cv_percent", "negative_cv"),
        ("an unknown analyte", "MCP-1", "IL-6", 3, "analyte", "unknown_analyte"),
        ("no analyte", "MCP-1", "", 3, "analyte", "unknown_analyte"),
        ("a measurement twice", "MCP-1,500.5", "TNFa,1", 3, "analyte", "duplicate_measurement"),
        ("two platforms", "OOR <,pg/mL,0.7,400,milliplex", "OOR <,pg/mL,0.7,400,msd", 4,
         "platform", "two_platforms"),
    ]  # fmt: skip
    for name, old, new, row, column, rule in cells:
        yield bad("values", name, change(C, old, new), places=[(C, row, column, rule)])
    yield bad("values", "an unknown arm", change(P, "control", MARKER),
              places=[(P, 3, "arm", "unknown_arm")])  # fmt: skip
    yield bad("values", "neither yes nor no", put(P, f"patient_id,arm,responder\nP-1,msc,{MARKER}\n"
              "P-2,control,no\n"), places=[(P, 2, "responder", "not_yes_or_no")])  # fmt: skip
    yield bad("values", "negative survival", change(S, "28.7", "-1"),
              places=[(S, 2, "months", "negative_months")])  # fmt: skip
    yield bad("values", "survival twice", change(S, "P-2", "P-1"),
              places=[(S, 3, "patient_id", "duplicate_patient")])  # fmt: skip
    yield bad("values", "an event of 2", change(S, "12,0", "12,2"),
              places=[(S, 3, "event", "not_yes_or_no")])  # fmt: skip
    yield bad("values", "an event unsaid", change(S, "12,0", "12,NA"),
              places=[(S, 3, "event", "not_yes_or_no")])  # fmt: skip
    for grade in ("6", "0", "2.5"):
        yield bad("values", f"grade {grade}", change(E, "pain,1", f"pain,{grade}"),
                  places=[(E, 2, "grade", "grade_range")])  # fmt: skip
    yield bad("values", "seriousness unsaid", change(E, "no,yes", ",yes"),
              places=[(E, 2, "serious", "not_yes_or_no")])  # fmt: skip
    yield bad("values", "no term", change(E, "Back pain", ""),
              places=[(E, 2, "term", "no_term")])  # fmt: skip


def units() -> Iterator[Case]:
    """Units that are read, and those that are not."""
    for unit in ("pg/mL", "pg/ml", "ng/L", "ng/l"):
        yield good("units", unit, change(C, "ng/L", unit), same="values")
    for unit in ("ng/mL", "ug/L", "\u00b5g/L", "\u03bcg/l"):
        yield good("units", unit, change(C, "*61,ng/L,19", f"*0.061,{unit},0.019"), same="values")
    for unit in ("pg/ML", "PG/ML", "pmol/L", "IU/mL", "pg", "mg/dL", "", "NA", "ng / L", MARKER,
                 "\u00c2\u00b5g/L"):  # fmt: skip
        yield bad("units", f"the unit {unit!r}", change(C, "ng/L", unit),
                  places=[(C, 5, "unit", "unit_not_accepted")])  # fmt: skip
    yield bad("units", "one analyte in two units",
              add(C, "P-1,0,TGF-b1,0.06,ng/mL,,,milliplex,,\n"),
              places=[(C, 6, "unit", "mixed_units")])  # fmt: skip
    yield good("units", "one analyte in two names of a unit",
               add(C, "P-1,0,TGF-b1,60,pg/mL,,,milliplex,,\n"))  # fmt: skip


def months() -> Iterator[Case]:
    """Dates and worse where months belong."""
    dates = ("2024-03-01", "01/03/2024", "1.3.2024", "3/1/24", "2024-03-01 00:00:00", "1-Mar",
             "Mar-24", "1-Mar-2024", "March 1, 2024", "1. M\u00e4rz 2024", "01-MAR-24",
             "2024/3/1")  # fmt: skip
    for text in dates:
        yield bad("months", f"the date {text}", change(C, "P-2,0", f'P-2,"{text}"'),
                  places=[(C, 5, "month", "date_not_month")])  # fmt: skip
    for text in ("45352", "601", "-20000"):
        yield bad("months", f"a serial number, {text}", change(C, "P-2,0", f"P-2,{text}"),
                  places=[(C, 5, "month", "month_range")])  # fmt: skip
    for text in ("V1", "Visit 1", "baseline", "", "inf", "NaN", "1e999", "4 months", "NA",
                 "\u20133", "--3", "1/2"):  # fmt: skip
        yield bad("months", f"no number, {text}", change(A, "P-2,0", f"P-2,{text}"),
                  places=[(A, 5, "month", "not_a_number")])  # fmt: skip
    yield bad("months", "a date of death", change(S, "28.7", "2024-03-01"),
              places=[(S, 2, "months", "date_not_month")])  # fmt: skip


def visits() -> Iterator[Case]:
    """ALSFRS-R totals and items."""

    def items(*rows: str) -> Edit:
        return put(A, f"patient_id,month,total,{ITEMS}\n" + "".join(f"{row}\n" for row in rows))

    yield good("visits", "items in place of totals", items("P-1,0," + ",4" * 12))
    yield good("visits", "items and their sum", items("P-1,0,48" + ",4" * 12))
    yield good("visits", "totals with items not asked", items("P-1,0,48" + ",NA" * 12))
    cells: list[tuple[str, str, str | None, str]] = [
        ("a sum that is not theirs", "P-1,0,47" + ",4" * 12, "total", "items_do_not_sum"),
        ("an item missing", "P-1,0,44" + ",4" * 11 + ",", None, "items_missing"),
        ("an item of 5", "P-1,0," + ",4" * 11 + ",5", "item_12", "alsfrs_r_range"),
        ("a negative item", "P-1,0," + ",4" * 11 + ",-1", "item_12", "alsfrs_r_range"),
        ("half an item", "P-1,0," + ",4" * 11 + ",1.5", "item_12", "not_whole"),
        ("an item in words", "P-1,0," + ",4" * 11 + f",{MARKER}", "item_12", "not_a_number"),
        ("neither total nor items", "P-1,0," + "," * 12, "total", "not_a_number"),
    ]
    for name, row, column, rule in cells:
        yield bad("visits", name, items(row), places=[(A, 2, column, rule)])
    for total in ("49", "-1", "48.5", "", "NA", MARKER):
        rule = "alsfrs_r_range" if re.search(r"\d", total) else "not_a_number"
        yield bad("visits", f"a total of {total!r}", change(A, ",40", f",{total}"),
                  places=[(A, 3, "total", rule)])  # fmt: skip
    yield bad("visits", "a visit twice", change(A, "P-1,4", "P-1,0"),
              places=[(A, 4, "month", "duplicate_visit")])  # fmt: skip


def provenances() -> Iterator[Case]:
    """`cohort.json`, good and bad."""
    yield good("provenance", "none", lambda folder: (folder / "cohort.json").unlink())
    yield good("provenance", "with a byte order mark", put("cohort.json", "\ufeff" + PROVENANCE),
               same="sha256")  # fmt: skip
    yield good("provenance", "in capitals", lambda folder: (folder / "cohort.json").rename(
        folder / "COHORT.JSON"), same="sha256")  # fmt: skip
    broken = {
        "without simulated": "{}", "as text": '{"simulated": "false"}', "a list": "[]",
        "no JSON": MARKER, "empty": "", "no UTF-8": b"\xff", "nested": "[" * 100_000,
        "said twice": '{"simulated": true, "simulated": false}', "half a letter":
        '{"simulated": true, "description": "\\ud800"}', "a number for a description":
        '{"simulated": true, "description": 1}', "too long": PROVENANCE + " " * 65_536,
        "an endless number": '{"simulated": ' + "9" * 5000 + "}", "1": '{"simulated": 1}',
    }  # fmt: skip
    whole: list[Found] = [("cohort.json", None, None, "not_provenance")]
    for name, content in broken.items():
        yield bad("provenance", name, put("cohort.json", content), places=whole)

    def as_folder(folder: Path) -> None:
        (folder / "cohort.json").unlink()
        (folder / "cohort.json").mkdir()

    yield bad("provenance", "a folder", as_folder, places=whole)


def single(content: str | bytes, name: str = "trial.csv") -> Write:
    """A single table under a folder."""

    def write(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder / name

    return write


def single_tables() -> Iterator[Case]:
    """A whole cohort in one table."""
    kind = "single_table"
    yield Case(kind, "as it should be", single(SINGLE))
    yield Case(kind, "as .tsv", single(SINGLE.replace(",", "\t"), "trial.tsv"))
    yield Case(kind, "in German", single(delimited(SINGLE, ";", comma=True)))
    yield Case(kind, "with arms", single(SINGLE.replace("site\n", "arm\n", 1)
               .replace(f"{MARKER}\n", "msc\n").replace("B\n", "control\n")))  # fmt: skip
    yield Case(kind, "batches for plates", single(SINGLE.replace("platform", "Batch", 1)))
    differs = "differs_within_patient"
    edits: dict[str, tuple[str, str, list[tuple[int | None, str, str]]]] = {
        "no outcome": ("responder", "column", [(None, "responder", "missing_column")]),
        "no unit": ("unit", "column", [(None, "unit", "missing_column")]),
        "two outcomes": ("yes", "no", [(n, "responder", differs) for n in (3, 4)]),
        "an outcome on some rows": ("msd,yes", "msd,", [(n, "responder", differs) for n in (3, 4)]),
        "text that computes": (MARKER, "=1+1", [
            (2, "site", "formula_text"), (3, "site", differs), (4, "site", differs)]),
        "no id": ("P-2", "", [(5, "patient_id", "bad_id")]),
        "a result twice": ("P-1,1", "P-1,0", [(3, "analyte", "duplicate_measurement")]),
        "no result": ("2.5", MARKER, [(5, "result", "unreadable_result")]),
        "two sites": ("B\n", "B\nP-2,1,TNF,2,pg/mL,msd,no,C\n", [(6, "site", differs)]),
    }  # fmt: skip
    for name, (old, new, found) in edits.items():
        places = tuple(("trial.csv", *place) for place in found)
        rules = frozenset(place[-1] for place in found)
        yield Case(kind, name, single(SINGLE.replace(old, new, 1)), rules, places)
    yield Case(kind, "of another kind", single(SINGLE, "trial.xls"), frozenset({"no_folder"}))

    def pipe(folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        os.mkfifo(folder / "trial.csv")
        return folder / "trial.csv"

    yield Case(kind, "a pipe", pipe, frozenset({"not_a_file"}))


CHANGES: Final = (("TNF", 1.5, -0.3), ("MCP-1", 600, -0.3), ("TGF-b1", 60, 0.3))
"""Analytes, their usual level [pg/mL] and mean log-ratio after treatment."""


def trial(*, swapped: str = "", n: int = 60, sites: str = "AB", mistaken: bool = False) -> Write:
    """A made-up trial in which MCP-1 falls and TGF-b1 rises after treatment.

    `swapped` are the sites whose baselines stand under month 1; with `mistaken`, one patient's
    TNF is a thousand times too small.
    """
    chance = np.random.default_rng(1)
    rows = ["patient_id,month,analyte,result,unit,platform,responder,site"]
    for number in range(n):
        site = sites[number % len(sites)]
        patient = (f"R{number}", "yes" if chance.random() < 0.5 else "no", site)
        for analyte, level, change in CHANGES:
            before = level * math.exp(chance.normal(0, 0.4))
            pair = [before, before * math.exp(chance.normal(change, 0.4))]
            if mistaken and number == 0 and analyte == "TNF":
                pair = [0.0021, 0.0019]
            for month, result in enumerate(reversed(pair) if site in swapped else pair):
                rows.append(
                    f"{patient[0]},{month},{analyte},{result:.5f},pg/mL,msd,{patient[1]},{site}"
                )
    return single("\n".join(rows) + "\n")


def doubtful() -> Iterator[Case]:
    """Trials that break no rule and are yet suspicious, and those that are not."""
    suspected = frozenset({"suspected_swapped"})
    yield Case("swapped", "nobody", trial())
    yield Case("swapped", "nobody, few patients", trial(n=8))
    yield Case("swapped", "everybody", trial(swapped="AB"), suspected)
    yield Case("swapped", "one site", trial(swapped="B"), suspected)
    yield Case("swapped", "one site of four", trial(swapped="D", sites="ABCD", n=120), suspected)
    yield Case("swapped", "a unit mistaken by 1000",
               trial(mistaken=True), frozenset({"far_from_others"}))  # fmt: skip


def cases() -> Iterator[Case]:
    """All of them."""
    for kind in (encodings, separators, decimals, ids, structure, values, units, months, visits,
                 provenances, single_tables, doubtful):  # fmt: skip
        yield from kind()
