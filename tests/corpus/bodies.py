"""Bodies that attackers and sloppy laboratory systems send, good ones among them, with answers.

What concerns any request with a measured number is written once for a `Shape` of request, so
that other services can be asked the same. Nothing of the project is imported here.
"""

import copy
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

Json = dict[str, Any]
Headers = tuple[tuple[str, str], ...]

CANARY: Final = "KANARIENVOGEL"
"""Stands in what is sent, and in no refusal."""
NUMBER: Final = 7319373193
"""The same as a number."""
PREDICTIONS, BATCH = "/v1/predictions", "/v1/predictions/batch"
KIB: Final = 1024
JSON: Final[Headers] = (("content-type", "application/json"),)


@dataclass(frozen=True, slots=True)
class Body:
    """A request and the answer it must get.

    Attributes
    ----------
    kind
        Class: numbers, text, structure, encoding, size, headers or ids.
    expected
        Status; of a batch that is answered, 200 although items or rows have faults.
    code
        Code of the problem, or of every fault of a 422 or of an answered batch; None: no fault.
    result
        JSON text of the one measured result that the case is about, if it is about one.
    """

    kind: str
    name: str
    content: bytes
    expected: int
    code: str | None = None
    headers: Headers = JSON
    path: str = PREDICTIONS
    method: str = "POST"
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """How a service is sent panels: JSON text around the result of TNF, and its key."""

    path: str
    before: str
    after: str
    key: str

    def text(self, result: str = "1.1") -> str:
        """A request with that JSON text as the result of TNF."""
        return f'{self.before}"{self.key}": {result}{self.after}'


def cell(analyte: str, result: Any, **changes: Any) -> Json:
    """One measurement."""
    stated = {"analyte": analyte, "result": result, "unit": "pg/mL", "platform": "milliplex"}
    return {name: value for name, value in (stated | changes).items() if value != "LEFT OUT"}


OTHERS: Final = [cell("MCP-1", 512), cell("TGF-b1", 61)]
OURS: Final = Shape(
    PREDICTIONS,
    '{"patient_id": "P-1", "baseline": {"month": 0, "measurements": [{"analyte": "TNF", ',
    f', "unit": "pg/mL", "platform": "milliplex"}}, {json.dumps(OTHERS)[1:-1]}]}}}}',
    "result",
)
GOOD: Final[Json] = json.loads(OURS.text())
PAIR: Final[Json] = {
    "patient_id": "P-1",
    "task": "on_treatment",
    "baseline": {
        "specimen_id": "S1",
        "month": 0,
        "measurements": [cell("TNF", 1.1, lloq=0.7, uloq=400, plate="1"), *OTHERS],
    },
    "follow_up": {
        "specimen_id": "S2",
        "month": 1,
        "measurements": [cell("TNF", 0.9, lloq=0.7, uloq=400, plate="1"), *OTHERS],
    },
}
TABLE: Final[Json] = {
    "unit": "pg/mL",
    "platform": "milliplex",
    "patient_id": ["P-1", "P-2"],
    "baseline": {"TNF": [1.1, "<0.7"], "MCP-1": [512, 640.5], "TGF-b1": [61, None]},
}

NUMBERS: Final[Mapping[str | None, tuple[str, ...]]] = {
    None: (
        "1", "1.0", "1.1", "1e0", "1E0", "1e+0", "1e-0", "110e-2", "0.001", "500", "500.0", "5e2",
        "5E+2", "0.0010000000000000000000000001", "1." + "0" * 400, "1" + "0" * 400 + "e-400",
        "0." + "0" * 300 + "11e301", "499.99999999999994", "1.7976931348623157e0", "null",
    ),
    "not_json": (
        "NaN", "nan", "Infinity", "-Infinity", "inf", "1e400", "-1e400", "1e999999999999",
        "1" * 400, "-" + "9" * 5000, "0x10", "0b1", "0o7", "01", "-01", "00", "+1", ".5", "1.",
        "-.5", "1e", "1e+", "e5", "--1", "1_000", "1 000", "1,234", "1'000", "1.1.1", "1e1.5",
        "1.1f", "1n", "1/2", "-", "\uff11", "\u0661", "\u00bd", "\u221e", "1\u00a0", "TRUE",
        "None", "undefined", "1#INF", "$1", "%31", "<0.7", "",
    ),
    "not_positive": (
        "0", "-0", "-0.0", "0e0", "0E+9", "0.0e-999999", "1e-400", "-1e-400", "-1", "-1.1",
        "-5e-324", "-1e308", "-9223372036854775808", "-9223372036854775809", f"-{NUMBER}",
    ),
    "implausible_value": (
        "5e-324", "2.2250738585072014e-308", "1e-20", "0.0009999999", "500.00000000000006", "501",
        "1e308", "1.7976931348623157e308", "9007199254740993", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "1" * 100, "1" + "0" * 308, f"{NUMBER}",
    ),
    "result_type": ("true", "false", "[]", "{}", "[1.1]", '["1.1"]', '{"value": 1.1}', "[[[1.1]]]"),
}  # fmt: skip
"""JSON texts in the place of a number, by what is wrong with them; plausible is .001 to 500."""

TEXTS: Final[Mapping[str | None, tuple[str, ...]]] = {
    None: (
        "1.1", " 1.1 ", "\t1.1", "\u00a01.1", "1,1", "12,34", "1.1e0", "1E1", ".5", "00001.1",
        "500", "0.001", "<0.7", "< 0.7", "<0,7", "<\u00a00.7", ">400", "> 400", "*1.1", "* 3.42",
        "***", "---", "NA", "na", "N/A", "#N/A", "", "   ",
    ),
    "unreadable_result": (
        CANARY, "\x00", "1.1\x00", "\x001.1", "\u0661\u0662", "\uff11.\uff11", "1.1\u200b",
        "\ufeff1.1", "\u202e1.1", "\u20661.1\u2069", "1\u00b71", "1 2", "1 000", "1\u202f000",
        "1'000", "1_000", "1.1.1", "1..1", "1.", "0x10", "1/2", "1-2", "1 \u00b1 0.1", "~1",
        "ca. 1", "1.1 pg/mL", "1.1*", "**1", "+1.1", "--1", "1e", "e5", "1e9999", "<", ">", "<<1",
        "<>1", "<=0.7", "\u22640.7", "< abc", "OOR", "OOR <>", "high", "true", "null", "None",
        "NaN", "nan", "inf", "-inf", "Infinity", "\u221e", "\u00bd", "\u00b2", "\u216b",
        "\U0001f9ea", "=1+1", "@SUM(1)", "1;DROP TABLE patients", "' OR 1=1 --", "<script>",
        "${jndi:ldap://x}", "{{7*7}}", "%s%n", "../../etc/passwd", "\r\nX-Injected: 1", "1.1\n1.1",
        "9" * 31, "9" * 64, "9" * 65, "x" * 10_000,
    ),
    "limit_missing": ("OOR <", "oor<", "<LLOQ", "<LOQ", "OOR >", ">ULOQ"),
    "ambiguous_number": ("1,234", "12,345", "<1,234", "*1,234"),
    "not_finite": ("1e400", ">1e999", "9e999"),
    "not_positive": ("0", "-0", "-1", "-1,5", "0e0", "1e-400", "<0", "<-1", ">0", "*0", "*-1"),
    "implausible_value": ("5e-324", "1e308", "501", "0.0009", "<501", ">501", "*501", f"{NUMBER}",
                          "<1e-7", "<5e-324", "<1e-300", ">0.0009", ">1e-300"),
}  # fmt: skip
"""What laboratories' systems write instead of a number, by what is wrong with it."""


def status(code: str | None) -> int:
    """The status that goes with a code."""
    if code is None:
        return 201
    return 400 if code in ("not_json", "duplicate_key", "too_many_fields") else 422


def short(text: str) -> str:
    """A text as the name of a case."""
    return ascii(text)[1:-1] if len(text) <= 40 else f"{ascii(text[:12])[1:-1]}...{len(text)}"


def escaped_end(key: str) -> str:
    """The same key in JSON, written otherwise."""
    return f"{key[:-1]}\\u{ord(key[-1]):04X}"


def results(shape: Shape) -> Iterator[Body]:
    """One result as a number and as text."""
    texts = {code: [json.dumps(text) for text in found] for code, found in TEXTS.items()}
    for kind, by_code in (("numbers", NUMBERS), ("text", texts)):
        for code, literals in by_code.items():
            for result in literals:
                content = shape.text(result).encode()
                yield Body(kind, short(result), content, status(code), code, result=result)


def documents(shape: Shape) -> Iterator[Body]:
    """Not JSON, not only JSON, JSON of another form, and JSON cut short."""
    text = shape.text()
    spoilts = (
        "", " ", "\n", "{", "}", "\x00", text + "{}", text + "\n" + text, text + "]", text + ",",
        text + ";", text + "\x00", text + "// " + CANARY, text[:-1], text[1:], "[" + text,
        f"// {CANARY}\n{text}", f"/* {CANARY} */{text}", f"# {CANARY}\n{text}", f")]}}',\n{text}",
        f"{CANARY}({text})", f"x = {text}", f"{{{text}}}", text.replace("}", ",}"),
        text.replace('"', "'"), text.replace('"TNF"', "TNF"), text.replace(":", "="),
        text.replace(":", " "), text.replace(", ", " "), text.replace(", ", ",, "),
        text.replace('"', "\u201c"), text.replace('"', "&quot;"), text.replace('"', '\\"'),
        "tnf,mcp1\n1.1,512\n", "TNF: 1.1", "TNF=1.1", "<TNF>1.1</TNF>", "[TNF]\nv = 1.1",
    )  # fmt: skip
    for index, spoilt in enumerate(spoilts):
        name = f"not JSON {index} {short(spoilt)}"
        yield Body("structure", name, spoilt.encode(), 400, "not_json")
    for end in range(10, len(text), 10):
        yield Body("structure", f"cut after {end}", text[:end].encode(), 400, "not_json")
    for other in (
        "[]", "{}", f"[{text}]", "1", f'"{CANARY}"', "null", "true", "1.1", '""', json.dumps(text)
    ):  # fmt: skip
        yield Body("structure", f"instead: {short(other)}", other.encode(), 422)
    for good in (f" \t\r\n{text}\r\n", text.replace(", ", ",\n\t"), text.replace(" ", "")):
        yield Body("structure", f"spaces {short(good)}", good.encode(), 201)


def keys_and_depth(shape: Shape) -> Iterator[Body]:
    """The key of the result twice, in any spelling, and results that are deep."""
    escaped = f"\\u{ord(shape.key[0]):04x}{shape.key[1:]}"
    for key in (shape.key, escaped):
        for second in ("1.1", "400", "null"):
            content = shape.text(f'1.1, "{key}": {second}').encode()
            yield Body("structure", f"twice {key} {second}", content, 400, "duplicate_key")
    for depth in (20, 100, 500, 990, 1000, 1024, 1025, 5000):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            content = shape.text(opening * depth + "1" + closing * depth).encode()
            yield Body("structure", f"depth {depth} {opening}", content, 400, "not_json")


def encodings(shape: Shape) -> Iterator[Body]:
    """JSON that is not UTF-8, UTF-8 that is not valid, and escapes."""
    text = shape.text()
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le",
                     "utf-32-be", "cp037"):  # fmt: skip
        yield Body("encoding", encoding, text.encode(encoding), 400, "not_json")
    for name, content in (
        ("mark of the other order", b"\xfe\xff" + text.encode()),
        ("mark at the end", text.encode() + b"\xef\xbb\xbf"),
        ("two marks", b"\xef\xbb\xbf" * 2 + text.encode()),
        ("gzip", gzip.compress(text.encode(), mtime=0)),
        ("zlib", zlib.compress(text.encode())),
        ("pickle", b"\x80\x04\x95."),
        ("cbor", b"\xa1ctnf\xf9<f"),
        ("percent", text.replace('"', "%22").encode()),
    ):
        yield Body("encoding", name, content, 400, "not_json")
    for raw in (
        b"\xff", b"\xe9", b"\x80", b"\xc0\xb1", b"\xe0\x80\xb1", b"\xf0\x80\x80\xb1",
        b"\xed\xa0\x80", b"\xed\xa0\xbd\xed\xb8\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80",
        b"\xc3", b"\xf0\x9f\x98", b"\x00", b"\n", b"\t", b"\x1f", b"\\x41", b"\\u12", b"\\u{31}",
        b"\\'", b"\\0", b"\\ud800", b"\\udc00", b"\\ud800\\ud800", b"\\udc00\\ud800",
        b"\\ud83d x", b"\\uD83D\\u0031",
    ):  # fmt: skip
        content = shape.text('"1.1@"').encode().replace(b"@", raw)
        yield Body("encoding", f"bytes {raw!r}", content, 400, "not_json")
    for name, written in (
        ("escaped digits", shape.text('"\\u0031.\\u0031"')),
        ("escaped comparator", shape.text('"\\u003c0.7"')),
        ("escaped name", text.replace('"TNF"', '"\\u0054NF"')),
        ("escaped key", text.replace(f'"{shape.key}"', f'"{escaped_end(shape.key)}"')),
    ):  # fmt: skip
        yield Body("encoding", name, written.encode(), 201)


def sizes(shape: Shape) -> Iterator[Body]:
    """What is long."""
    text = shape.text()
    full = text + " " * (64 * KIB - len(text))
    yield Body("size", "64 KiB", full.encode(), 201)
    yield Body("size", "64 KiB before", (" " * (64 * KIB - len(text)) + text).encode(), 201)
    for name, long in (
        ("64 KiB and one", full + " "),
        ("1 MiB of spaces", text + " " * KIB**2),
        ("1 MiB of text", shape.text(json.dumps(CANARY * (KIB**2 // 13)))),
        ("1 MiB of digits", shape.text("1" * KIB**2)),
        ("1 MiB deep", "[" * KIB**2),
    ):
        yield Body("size", name, long.encode(), 413, "body_too_large")
    for digits in (60_000, 65_000):
        yield Body("size", f"{digits} digits", shape.text("1" * digits).encode(), 400, "not_json")
    for name, result in (("x", json.dumps("x" * 60_000)), ("digits", json.dumps("1" * 60_000))):
        content = shape.text(result).encode()
        yield Body("size", f"text of {name}", content, 422, "unreadable_result", result=result)
    many = {f"{CANARY}{index}": 1 for index in range(2000)}
    content = shape.text(json.dumps(many)).encode()
    yield Body("size", "2000 fields", content, 400, "too_many_fields")
    yield Body("size", "key of 60 KB", shape.text(json.dumps({"k" * 60_000: 1})).encode(), 422)


def headers(shape: Shape) -> Iterator[Body]:
    """Content types and codings of a good body."""
    content, json_type = shape.text().encode(), "application/json"
    sent: Headers
    for good in (
        f"{json_type};charset=utf-8", f'{json_type}; charset="UTF-8"', f"{json_type};",
        "APPLICATION/JSON; CHARSET=utf8", f" {json_type} ; charset = utf-8 ", f"{json_type}; q=1",
    ):  # fmt: skip
        yield Body("headers", f"type {good}", content, 201, headers=(("content-type", good),))
    for type_ in (
        "", "text/plain", "text/json", "text/html", "application/xml", "application/x-json",
        "application/problem+json", "application/json-patch+json", "application/ld+json",
        "application/jsonl", "application/json-seq", "application/octet-stream", "*/*", CANARY,
        "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application",
        f"{json_type}, text/plain", f"{json_type}; charset=utf-16", f"{json_type}; charset=latin-1",
        f"{json_type}; CHARSET=utf-16", f"{json_type}; charset=utf-8; charset=utf-16",
        f"{json_type}; charset", f"{json_type}; charset=", f"application/{'x' * 5000}",
    ):  # fmt: skip
        sent = (("content-type", type_),)
        yield Body("headers", f"type {short(type_)}", content, 415, "content_type", sent)
    yield Body("headers", "no type", content, 415, "content_type", ())
    for second in (json_type, "text/plain"):
        sent = (*JSON, ("content-type", second))
        yield Body("headers", f"types, {second}", content, 415, "content_type", sent)
    for coding in (
        "gzip", "x-gzip", "br", "deflate", "zstd", "compress", "GZIP", "gzip, gzip",
        "identity, gzip", f"identity, {CANARY}", "chunked", "",
    ):  # fmt: skip
        sent = (*JSON, ("content-encoding", coding))
        yield Body("headers", f"coding {coding}", content, 415, "content_encoding", sent)
    packed, sent = gzip.compress(content, mtime=0), (*JSON, ("content-encoding", "gzip"))
    yield Body("headers", "packed", packed, 415, "content_encoding", sent)
    bomb = gzip.compress(b" " * 10 * KIB**2, mtime=0)
    yield Body("headers", "packed 10 MiB", bomb, 415, "content_encoding", sent)
    sent = (*JSON, ("content-encoding", "identity"), ("content-encoding", "gzip"))
    yield Body("headers", "codings", packed, 415, "content_encoding", sent)
    for name, value in (
        ("content-encoding", "identity"), ("accept", "text/xml"), ("accept", CANARY),
        ("accept-encoding", "gzip"), ("x-forwarded-host", CANARY),
        ("x-http-method-override", "DELETE"), ("cookie", f"session={CANARY}"),
        ("if-none-match", "*"), ("range", "bytes=0-1"),
        ("origin", f"https://{CANARY}"), ("te", "trailers"), ("x-long", "x" * 8000),
        ("content-language", "\xe9"), ("prefer", "return=minimal"), ("x-json", '{"a":'),
    ):  # fmt: skip
        sent = (*JSON, (name, value))
        yield Body("headers", f"{name} {short(value)}", content, 201, headers=sent)
    for method in ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
        yield Body("headers", method, content, 405, "method_not_allowed", method=method)


def of_any(shape: Shape) -> Iterator[Body]:
    """Bodies about one measured result, whatever the request around it looks like."""
    for make in (results, documents, keys_and_depth, encodings, sizes, headers):
        yield from (replace(body, path=shape.path) for body in make(shape))


def changed(document: Json, pointer: str, value: Any) -> bytes:
    """A document with the value at a JSON pointer set, or taken away if it is `LEFT OUT`."""
    document = copy.deepcopy(document)
    *way, last = (int(step) if step.isdecimal() else step for step in pointer.split("/")[1:])
    place: Any = document
    for step in way:
        place = place[step]
    if value == "LEFT OUT":
        place.pop(last, None)
    else:
        place[last] = value
    return json.dumps(document).encode()


TYPES: Final[Json] = {
    "text": CANARY, "number": NUMBER, "true": True, "list": [CANARY], "empty list": [],
    "object": {CANARY: CANARY}, "empty object": {}, "null": None, "missing": "LEFT OUT",
}  # fmt: skip
CELL: Final = "/baseline/measurements/0"
FIELDS: Final[Mapping[str, tuple[str, str, str | None, str | None]]] = {
    "/patient_id": ("text", "string_type", "string_type", "missing"),
    "/task": ("text", "literal_error", None, None),
    "/supersedes": ("text", "string_type", None, None),
    "/baseline": ("object", "model_type", "model_type", "missing"),
    "/baseline/specimen_id": ("text", "string_type", None, None),
    "/baseline/month": ("number", "float_type", "float_type", "missing"),
    "/baseline/measurements": ("list", "list_type", "list_type", "missing"),
    "/follow_up": ("object", "model_type", "follow_up_missing", "follow_up_missing"),
    f"{CELL}/analyte": ("text", "string_type", "string_type", "missing"),
    f"{CELL}/result": ("text or number", "result_type", None, "missing"),
    f"{CELL}/unit": ("text", "string_type", "unit_not_accepted", "unit_not_accepted"),
    f"{CELL}/lloq": ("number", "float_type", None, None),
    f"{CELL}/uloq": ("number", "float_type", None, None),
    f"{CELL}/platform": ("text", "string_type", "two_platforms", "two_platforms"),
    f"{CELL}/plate": ("text", "string_type", None, None),
}
"""Fields of a request: type, and the codes of another type, of null and of a field left out."""


def fields() -> Iterator[Body]:
    """Every field of a good pair left out and set to every other type."""
    for pointer, (right, wrong, null, missing) in FIELDS.items():
        for name, value in TYPES.items():
            if name.split()[-1] in right:
                continue
            code = {"null": null, "missing": missing}.get(name, wrong)
            content = changed(PAIR, pointer, value)
            yield Body("structure", f"{pointer} {name}", content, status(code), code)


def unknown_and_repeated_keys() -> Iterator[Body]:
    """Fields of no meaning, and keys given twice, at every level."""
    for place in ("", "/baseline", CELL, "/follow_up", "/follow_up/measurements/2"):
        for key in (CANARY, "Month", "result ", "", "__proto__", "$ref", "pr\u0131or", "\x00"):
            content = changed(PAIR, f"{place}/{key}", 1)
            yield Body("structure", f"{place}/{short(key)}", content, 422, "extra_forbidden")
    text = json.dumps(PAIR)
    for key in ("patient_id", "task", "baseline", "month", "specimen_id", "analyte", "unit"):
        for spelling in (key, f"\\u{ord(key[0]):04x}{key[1:]}", escaped_end(key)):
            spoilt = text.replace(f'"{key}":', f'"{spelling}": "{CANARY}", "{key}":', 1)
            yield Body("structure", f"twice {spelling}", spoilt.encode(), 400, "duplicate_key")
    deep = changed(GOOD, f"/{CANARY}", json.loads('{"a":' * 12 + "1" + "}" * 12))
    yield Body("structure", "deep unknown field", deep, 422, "extra_forbidden")


def names() -> Iterator[Body]:
    """Analytes, units, platforms and plates."""
    right: Mapping[str, tuple[str, ...]] = {
        "analyte": ("tnf", "TNF-\u03b1", "TNF alpha", "TNF\u00a0\u03b1", "\uff34\uff2e\uff26",
                    "Tumor Necrosis Factor", "TNFSF2"),
        "unit": ("pg/ml", "ng/L", "ng/l"),
        "platform": ("MILLIPLEX", " milliplex "),
        "plate": ("1", "=1+1", "\u677f 3", "x" * 64),
    }  # fmt: skip
    wrong: Mapping[tuple[str, str], tuple[str, ...]] = {
        ("analyte", "unknown_analyte"): (
            CANARY, "IL-6", "TNF2", "TNF\u0661", "\u0422NF", "\ufdfa" * 64, "../../etc/passwd",
            "=1+1", "TNF,MCP-1", "TNF;MCP-1", "\U0001f9ea", " ", "-",
        ),
        ("unit", "unit_not_accepted"): (
            CANARY, "pg/ML", "PG/ML", "pg/mL ", "pg / mL", "pg\u2215mL", "mg/mL", "pmol/L", "IU/mL",
            "1", "%", "pg/dL", "g/L", "pgmL-1",
        ),
        ("platform", "unknown_platform"): (CANARY, "msd", " ", "milliplex2", "../x", "\u212a"),
    }  # fmt: skip
    for name, texts in right.items():
        for text in texts:
            yield Body("text", f"{name} {short(text)}", changed(GOOD, f"{CELL}/{name}", text), 201)
    for (name, code), texts in wrong.items():
        for text in texts:
            content = changed(GOOD, f"{CELL}/{name}", text)
            yield Body("text", f"{name} {short(text)}", content, 422, code)
    for name in right:
        for text, code in {
            "": "string_too_short", "x" * 65: "string_too_long",
            "TNF\x00": "string_pattern_mismatch", "TNF\x7f": "string_pattern_mismatch",
            "\u200bTNF": "string_pattern_mismatch", "\u202eFNT": "string_pattern_mismatch",
            "T\nNF": "string_pattern_mismatch", "\ufeffTNF": "string_pattern_mismatch",
        }.items():  # fmt: skip
            content = changed(GOOD, f"{CELL}/{name}", text)
            yield Body("text", f"{name} {short(text)}", content, 422, code)


def limits_and_months() -> Iterator[Body]:
    """Numbers beside the result."""
    cases: Mapping[str, Mapping[str | None, tuple[Any, ...]]] = {
        f"{CELL}/lloq": {
            None: (0.5, 1, 1e-5, 1.1), "limit_not_positive": (0, -0.0, -1, -1e308),
            "limits_out_of_order": (400, 401, NUMBER, 1e308),
        },
        f"{CELL}/uloq": {
            None: (401, 0.9, 1e308, 2**53 + 1, 2**64), "limit_not_positive": (0, -1),
            "limits_out_of_order": (0.7, 0.1),
        },
        "/baseline/month": {
            None: (-0.0, -1, -0.5, -120, -5e-324), "less_than_equal": (121, NUMBER, 1e308),
            "greater_than_equal": (-121, -120.00001, -1e308),
            "baseline_after_treatment": (1, 5e-324),
        },
        "/follow_up/month": {
            None: (1.0, 0.001, 2.5, 4), "follow_up_after_horizon": (4.000001, 5, 120),
            "follow_up_before_treatment": (0, -0.0, -1), "less_than_equal": (121,),
        },
    }  # fmt: skip
    for pointer, by_code in cases.items():
        for code, values in by_code.items():
            for value in values:
                content = changed(PAIR, pointer, value)
                yield Body("numbers", f"{pointer} {value}", content, status(code), code)


BAD_IDS: Final = (
    "", " ", "../x", f"{CANARY} A", "a/b", "a\\b", "=1+1", "+1", "@x", "-x", ".x", "_x", "x" * 65,
    "P\n", "\nP", "P\x00", "P\t", "\u00dc", "\u202eP", "P\u200b", "\uff30", "\u0661", "%2e%2e",
    "P%00", "a:b", "a;b", "a,b", "P'", 'P"', "<b>", "P*", "~", "\U0001f9ea", "x" * 60_000,
)  # fmt: skip
GOOD_IDS: Final = ("P", "0", "017", "P-017", "a.b_c-d", "x..x", "x" * 64, "NULL", "constructor")


def ids() -> Iterator[Body]:
    """Patients, specimens and earlier predictions."""
    for pointer in ("/patient_id", "/baseline/specimen_id"):
        for text in GOOD_IDS:
            yield Body("ids", f"{pointer} {short(text)}", changed(PAIR, pointer, text), 201)
        for text in BAD_IDS:
            content = changed(PAIR, pointer, text)
            yield Body("ids", f"{pointer} {short(text)}", content, 422, "bad_id")
    escaped = OURS.text().replace('"P-1"', '"\\u0050-\\u0031"')
    yield Body("ids", "escaped", escaped.encode(), 201)
    for text in (
        CANARY,
        "",
        "-" * 36,
        "0" * 36,
        "0" * 35,
        "' OR 1=1",
        "{0}",
        "x" * 60_000,
        "00000000-0000-4000-8000-00000000000G",
        "00000000-0000-4000-8000-000000000000\n",
    ):
        content, code = changed(PAIR, "/supersedes", text), "string_pattern_mismatch"
        yield Body("ids", f"supersedes {short(text)}", content, 422, code)
    content = changed(PAIR, "/supersedes", "00000000-0000-4000-8000-000000000000")
    yield Body("ids", "supersedes nothing", content, 404, "prediction_not_found")


def paths() -> Iterator[Body]:
    """A good body sent elsewhere."""
    content = OURS.text().encode()
    for query in ("", "task=on_treatment", f"{CANARY}=1", "%00", "a=1&a=2"):
        yield Body("headers", f"?{query}", content, 201, path=f"{PREDICTIONS}?{query}")
    for path in (
        "/v1", "/v1/predictions/", "/V1/predictions", "/v2/predictions", f"/{CANARY}",
        "/v1//predictions", "/v1/predictions/../models/x/y", "/v1/predictions%00",
        "/v1/predictions/..%2f..%2fetc%2fpasswd", "/etc/passwd", "/v1/predictions;x=1",
    ):  # fmt: skip
        yield Body("headers", path, content, 404, "not_found", path=path)
    for name, path in (("POST to one", "/v1/predictions/x"), ("POST to a page", "/")):
        yield Body("headers", name, content, 405, "method_not_allowed", path=path)
    for name in ("..", "%2e%2e", "%00", CANARY, "x" * 5000, "20260102T120000Z-000000000000"):
        path = f"/v1/models/{name}/roc"
        code, method = ("not_found" if name == ".." else "unknown_bundle"), "GET"
        yield Body("ids", path[:60], b"", 404, code, path=path, method=method)


def tables() -> Iterator[Body]:
    """A table of columns: refused as a whole, or with faults by row."""
    on_treatment = TABLE | {"follow_up": TABLE["baseline"], "follow_up_month": 1}
    columns = TABLE["baseline"]
    short_column = columns | {"TNF": [1.1]}
    for name, table, code in (
        ("good", TABLE, None),
        ("both panels", on_treatment, None),
        ("told the task", TABLE | {"task": "pretreatment"}, None),
        ("limits", TABLE | {"lloq": {"TNF": 0.7}, "uloq": {"CCL2": 9000}}, None),
        ("follow-up not used", on_treatment | {"task": "pretreatment"}, None),
        ("another spelling", TABLE | {"baseline": {"CCL2": [512, 9e2]}}, None),
        ("no follow-up", TABLE | {"task": "on_treatment"}, "follow_up_missing"),
        ("no month", on_treatment | {"follow_up_month": None}, "follow_up_missing"),
        ("late", on_treatment | {"follow_up_month": 5}, "follow_up_after_horizon"),
        ("baseline after", TABLE | {"baseline_month": 1}, "less_than_equal"),
        ("follow-up before", on_treatment | {"follow_up_month": 0}, "greater_than"),
        ("unknown column", TABLE | {"baseline": columns | {CANARY: [1, 1]}}, "unknown_analyte"),
        ("two spellings", TABLE | {"baseline": columns | {"CCL2": [1, 1]}}, "duplicate_analyte"),
        ("short column", TABLE | {"baseline": short_column}, "lengths_differ"),
        ("empty column", TABLE | {"baseline": columns | {"TNF": []}}, "lengths_differ"),
        ("no columns", TABLE | {"baseline": {}}, "too_short"),
        ("hidden name", TABLE | {"baseline": {"TNF\x00": [1, 1]}}, "string_pattern_mismatch"),
        ("long name", TABLE | {"baseline": {CANARY * 6: [1, 1]}}, "string_too_long"),
        ("no list", TABLE | {"baseline": columns | {"TNF": CANARY}}, "list_type"),
        ("column of no name", TABLE | {"baseline": {"": [1, 1]}}, "string_too_short"),
        ("unit", TABLE | {"unit": CANARY}, "unit_not_accepted"),
        ("platform", TABLE | {"platform": CANARY}, "unknown_platform"),
        ("limit", TABLE | {"lloq": {"TNF": -1}}, "limit_not_positive"),
        ("limit of no analyte", TABLE | {"lloq": {CANARY: 1}}, "unknown_analyte"),
        ("limit as text", TABLE | {"uloq": {"TNF": CANARY}}, "float_type"),
        ("limits as list", TABLE | {"lloq": [0.7]}, "dict_type"),
        ("ids as text", TABLE | {"patient_id": CANARY}, "list_type"),
        ("no patients", TABLE | {"patient_id": []}, "too_short"),
        ("unknown field", TABLE | {CANARY: 1}, "extra_forbidden"),
    ):
        yield of_table(name, table, 200 if code is None else 422, code)
    no_texts: list[Any] = [None, 7, True, [], {}]
    for each in (*BAD_IDS[:8], *no_texts):
        ids = [each, "P-2"]
        yield of_table(f"id {short(str(each))}", TABLE | {"patient_id": ids}, 200, "bad_id")
    for result, code in (
        (CANARY, "unreadable_result"), ([CANARY], "result_type"), ({CANARY: 1}, "result_type"),
        (0, "not_positive"), (NUMBER, "implausible_value"), (2**64, "implausible_value"),
        ("OOR <", "limit_missing"), ("1,234", "ambiguous_number"), ("1e400", "not_finite"),
    ):  # fmt: skip
        column = {"baseline": columns | {"TNF": [result, 1.1]}}
        yield of_table(f"cell {short(str(result))}", TABLE | column, 200, code)
    nothing = {"baseline": {"TNF": ["NA", 1.1]}}
    yield of_table("nothing in a row", TABLE | nothing, 200, "nothing_reported")


def of_table(name: str, table: Json, expected: int, code: str | None) -> Body:
    """One table as a batch; of structure, wherever its fault lies."""
    content = json.dumps({"table": table}).encode()
    return Body("structure", f"table: {name}", content, expected, code, path=BATCH)


def batches() -> Iterator[Body]:
    """What is wrong with a batch before its items and rows."""
    both = {"items": [GOOD], "table": TABLE}
    for name, document, expected, code in (
        ("items", {"items": [GOOD, PAIR, GOOD]}, 200, None),
        ("items and no table", {"items": [GOOD], "table": None}, 200, None),
        ("neither", {}, 422, "items_or_table"),
        ("both", both, 422, "items_or_table"),
        ("nulls", {"items": None, "table": None}, 422, "items_or_table"),
        ("no items", {"items": []}, 422, "too_short"),
        ("items as text", {"items": CANARY}, 422, "list_type"),
        ("items as object", {"items": {CANARY: GOOD}}, 422, "list_type"),
        ("table as text", {"table": CANARY}, 422, "model_type"),
        ("table as list", {"table": [TABLE]}, 422, "model_type"),
        ("unknown field", {"items": [GOOD], CANARY: 1}, 422, "extra_forbidden"),
        ("a single request", GOOD, 422, "extra_forbidden"),
        ("a list", [GOOD], 422, "model_type"),
        ("items of no objects", {"items": [1, CANARY, None, [], True]}, 200, "model_type"),
    ):
        content = json.dumps(document).encode()
        yield Body("structure", f"batch: {name}", content, expected, code, path=BATCH)
    twice = b'{"items": [1], "\\u0069tems": [2]}'
    yield Body("structure", "batch: twice", twice, 400, "duplicate_key", path=BATCH)


def large_batches() -> Iterator[Body]:
    """Batches up to their limits and beyond."""
    columns, many = TABLE["baseline"], {f"{CANARY}{index}": [1] for index in range(20_000)}
    panel = GOOD["baseline"] | {"measurements": [cell("TNF", 1.1)] * 200}
    repeated = json.dumps(GOOD | {"baseline": panel}).encode()
    yield Body("size", "200 measurements", repeated, 422, "duplicate_analyte")
    panel = panel | {"measurements": [{}] * 201}
    over = json.dumps(GOOD | {"baseline": panel}).encode()
    yield Body("size", "201 measurements", over, 422, "too_long")
    for n_fields, refused in ((200, "extra_forbidden"), (201, "too_many_fields")):
        surplus = {f"{CANARY}{index}": 1 for index in range(n_fields - len(GOOD))}
        content = json.dumps(GOOD | surplus).encode()
        yield Body("size", f"{n_fields} fields", content, status(refused), refused)
    for name, document, expected, code in (
        ("500 items", {"items": [GOOD] * 500}, 200, None),
        ("5001 items", {"items": [1] * 5001}, 413, "too_many_rows"),
        ("100001 patients", {"table": TABLE | {"patient_id": [1] * 100_001}}, 413,
         "too_many_rows"),
        ("20000 columns", {"table": TABLE | {"baseline": many}}, 400, "too_many_fields"),
        ("20000 fields", {"table": TABLE | many}, 400, "too_many_fields"),
        ("long columns", {"table": TABLE | {"baseline": columns | {"TNF": [[]] * 20_000}}}, 422,
         "lengths_differ"),
        ("faults by row", {"table": TABLE | {"patient_id": [f"{CANARY} A"] * 10_000, "baseline": {
            "TNF": [1.1] * 10_000}}}, 200, "bad_id"),
    ):  # fmt: skip
        yield Body("size", name, json.dumps(document).encode(), expected, code, path=BATCH)
    for name, part in (("objects", b"{}"), ("lists", b"[]")):
        content = b'{"items": [' + b",".join([part] * 400_001) + b"]}"
        yield Body("size", f"400001 {name}", content, 400, "too_many_fields", path=BATCH)
    content = b" " * (16 * KIB**2 + 1)
    yield Body("size", "16 MiB and one", content, 413, "body_too_large", path=BATCH)


def callers() -> Iterator[Body]:
    """Headers that say who asks, and under which key it is to be answered once."""
    content = json.dumps(GOOD).encode()
    for name, value, code in (
        ("authorization", f"Bearer {CANARY}", "key_refused"),
        ("authorization", f"Bearer csf_{CANARY}_{'0' * 64}", "key_refused"),
        ("authorization", f"Basic {CANARY}", "key_refused"),
        ("authorization", "Bearer " + "csf_" * 2000, "key_refused"),
        ("authorization", "", "key_refused"),
        ("x-forwarded-for", "' OR 1=1", "key_missing"), ("forwarded", CANARY, "key_missing"),
        ("x-real-ip", "127.0.0.1", "key_missing"),
    ):  # fmt: skip
        sent = (*JSON, (name, value))
        yield Body("headers", f"{name} {short(value)}", content, 401, code, sent)
    for key, expected in ((CANARY, 201), ("x" * 255, 201), ("a b", 400), ("x" * 256, 400),
                          ("", 400), ("\xe9", 400)):  # fmt: skip
        code = "idempotency_key" if expected == 400 else None
        sent = (*JSON, ("idempotency-key", key))
        yield Body("headers", f"idempotency-key {short(key)}", content, expected, code, sent)
    sent = (*JSON, ("idempotency-key", "a"), ("idempotency-key", "b"))
    yield Body("headers", "two idempotency-keys", content, 400, "idempotency_key", sent)


def told_later() -> Iterator[Body]:
    """Outcomes and promotions, whose bodies are as strict as those of panels."""
    unknown = "00000000-0000-7000-8000-000000000000"
    outcome = {
        "responder": True, "definition": "oh2018", "horizon_months": 4, "observed_on": "2026-01-02"
    }  # fmt: skip
    places = (
        ("outcome", "PUT", f"{PREDICTIONS}/{unknown}/outcome", outcome, "prediction_not_found"),
        ("promotion", "POST", "/v1/models/20200101T000000Z-000000000000/promotions",
         {"reason": "first"}, "unknown_bundle"),
    )  # fmt: skip
    for name, method, path, good, code in places:
        at = partial(Body, path=path, method=method)
        yield at("structure", f"{name} of nothing", json.dumps(good).encode(), 404, code)
        for what, surplus, fault in (("canary", {CANARY: 1}, "extra_forbidden"),):
            content = json.dumps(good | surplus).encode()
            yield at("structure", f"{name} with {what}", content, 422, fault)
        yield at("structure", f"{name}: list", b"[]", 422, "model_type")
        yield at("structure", f"{name}: nothing", b"", 400, "not_json")
        yield at("size", f"{name}: 64 KiB and one", b" " * (64 * KIB + 1), 413, "body_too_large")
        yield at("numbers", f"{name}: NaN", b'{"x": NaN}', 400, "not_json")
        yield at("encoding", f"{name}: UTF-16", json.dumps(good).encode("utf-16"), 400, "not_json")
        first = next(iter(good))
        twice = f'{{"{first}": 1, "{first}": 1}}'.encode()
        yield at("structure", f"{name}: twice", twice, 400, "duplicate_key")
    for field, value, fault in (
        ("responder", "yes", "bool_type"), ("responder", 1, "bool_type"),
        ("definition", "", "string_too_short"), ("definition", CANARY * 10, "string_too_long"),
        ("definition", f"{CANARY}\u202e", "string_pattern_mismatch"),
        ("horizon_months", "4", "float_type"), ("percent", True, "float_type"),
        ("observed_on", "yesterday", "string_pattern_mismatch"),
        ("observed_on", 20260102, "string_type"), ("observed_on", None, "string_type"),
    ):  # fmt: skip
        content = json.dumps(outcome | {field: value}).encode()
        path = f"{PREDICTIONS}/{unknown}/outcome"
        name = f"outcome {field} {short(str(value))}"
        yield Body("structure", name, content, 422, fault, path=path, method="PUT")


def questions() -> Iterator[Body]:
    """Parameters of a page of predictions, whose values stand in an address."""
    last, first = "9999-12-31T23:59:59", "0001-01-01T00:00:00"
    cases: Mapping[str | None, tuple[str, ...]] = {
        None: ("", "limit=1", "limit=500", "limit=05", "cursor=0-0", "task=pretreatment", "&&",
               f"since={first}Z", f"since={last}Z", "until=2026-01-02T12:00:00.5%2B14:00",
               "cursor=99999999999999999-999999999999999999"),
        "greater_than_equal": ("limit=0", "limit=-1"),
        "less_than_equal": ("limit=501", f"limit={NUMBER}", "limit=99999999999999999999"),
        "int_parsing": ("limit=", "limit", "limit=NaN", "limit=1e2", "limit=1.5", "limit=0x1",
                        "limit=%D9%A1", "limit=%00", "limit=true", f"limit={CANARY}", "limit=5;x"),
        "int_parsing_size": ("limit=" + "9" * 5000,),
        "string_pattern_mismatch": (
            "cursor=", "cursor=1", "cursor=-1-1", "cursor=1-1%0a", "cursor=%D9%A1-1",
            f"cursor={CANARY}", "cursor='%20OR%201=1--", "cursor=" + "1" * 5000 + "-1",
        ),
        "datetime_parsing": (
            "since=", "since=0", "since=1e400", "since=2026", "since=2026-01-02", f"since={CANARY}",
            "since=0000-01-01T00:00:00Z", f"since={first}%2B14:00", f"until={last}-14:00",
        ),
        "datetime_from_date_parsing": (
            "since=T", "since=2026-02-30T12:00:00Z", "until=2026-01-02T24:00:00Z",
            "since=2026-01-02T23:59:60Z", "since=10000-01-01T00:00:00Z", f"since=T{NUMBER}",
        ),
        "timezone_aware": ("since=2026-01-02T12:00:00", "until=2026-01-02T12:00"),
        "literal_error": ("task=", f"task={CANARY}", "task=on_treatment%00", "task=ON_TREATMENT"),
        "extra_forbidden": (
            f"{CANARY}=1", f"patient_id={CANARY}", "%00=1", "=", "%", "%zz=1", "x" * 5000 + "=1",
            "&".join(f"{CANARY}{number}=1" for number in range(200)),
        ),
    }  # fmt: skip
    for code, queries in cases.items():
        for query in queries:
            path, status_ = f"{PREDICTIONS}?{query}", 200 if code is None else 422
            yield Body("headers", f"page {short(query)}", b"", status_, code, (), path, "GET")


def records() -> Iterator[Body]:
    """Predictions that nobody made, in every spelling that an address has."""
    unknown = "00000000-0000-7000-8000-000000000000"
    for name in (
        unknown, unknown + "%0a", unknown[:-1] + "G", "%00", "%ff", "%c0%ae", "%2e%2e", "%252e",
        "..%5c", "x%0d%0aSet-Cookie:%20a", "'%20OR%201=1--", "%F0%9F%92%89", "{0}", "*", "0" * 5000,
        CANARY,
    ):  # fmt: skip
        path = f"{PREDICTIONS}/{name}"
        yield Body("ids", f"GET {path[:80]}", b"", 404, "prediction_not_found", (), path, "GET")
    for method, end in (("DELETE", "input"), ("POST", "void")):
        for name in (unknown, "%00", CANARY):
            path = f"{PREDICTIONS}/{name}/{end}"
            yield Body(
                "ids", f"{method} {path}", b"", 404, "prediction_not_found", (), path, method
            )


def strange_text() -> Iterator[Body]:
    """Keys that are no text, texts that look alike, and encodings of other countries."""
    text = json.dumps(PAIR)
    for key in ("\\ud800", "\\udc00", "\\udc00\\ud800", "a\\ud83dx"):
        for place in ('{"patient_id"', '{"analyte"', '{"month"'):
            first = text.replace(place, f'{{"{key}": 1, {place[1:]}', 1)
            if first != text:
                content = first.encode()
                yield Body("encoding", f"key {key} in {place}", content, 400, "not_json")
    for key in (b"\xed\xa0\x80", b"\xff", b"\xc3"):
        content = text.replace('{"patient_id"', '{"@": 1, "patient_id"').encode()
        content = content.replace(b"@", key)
        yield Body("encoding", f"key of bytes {key!r}", content, 400, "not_json")
    for key in ("\u0000", "\ufffe", "\U0010ffff", "patient_i\u0064\u0301", "\uff50atient_id",
                "patient\u200b_id", "\U0001f600"):  # fmt: skip
        content = json.dumps({key: CANARY} | PAIR).encode()
        yield Body("text", f"key {short(key)}", content, 422, "extra_forbidden")
    for encoding in ("shift_jis", "gb18030", "iso2022_jp", "latin-1"):
        content = text.replace('"plate": "1"', '"plate": "\u00b5\u00d7\u00e9"')
        sent = content.encode(encoding, "replace").replace(b"?", b"\xe9")
        yield Body("encoding", f"written in {encoding}", sent, 400, "not_json")


def deep() -> Iterator[Body]:
    """Depth up to the limit and beyond, wherever a document has room for it."""
    for levels, code in ((15, "extra_forbidden"), (16, "not_json"), (60, "not_json")):
        for name, (opening, closing) in {"lists": "[]", "objects": ('{"a":', "}")}.items():
            nested = opening * levels + "1" + closing * levels
            content = f'{{"items": [1], "{CANARY}": {nested}}}'.encode()
            full = f"{levels} {name} deep"
            yield Body("structure", full, content, status(code), code, path=BATCH)
    nest = "[" * 30_000 + "]" * 30_000
    for name, content in (
        ("cell", f'{{"table": {{"patient_id": ["P"], "baseline": {{"TNF": [{nest}]}}}}}}'),
        ("item", f'{{"items": [{nest}]}}'),
        ("only", nest),
        ("open", "[" * 60_000),
        ("keys", '{"a":' * 10_000),
    ):
        yield Body("structure", f"bomb: {name}", content.encode(), 400, "not_json", path=BATCH)


def long_headers() -> Iterator[Body]:
    """Headers that are long, many, given twice, or meant for somebody else."""
    content = json.dumps(GOOD).encode()
    for n in (300, 8000, 60_000):
        sent = (*JSON, ("idempotency-key", "x" * n))
        yield Body("headers", f"key of {n}", content, 400, "idempotency_key", sent)
    for key in ("a, b", "a\tb", '"\xe9"', " "):
        sent = (*JSON, ("idempotency-key", key))
        yield Body("headers", f"key {key!r}", content, 400, "idempotency_key", sent)
    for name, value in (
        ("x-original-url", "/v1/models"), ("x-rewrite-url", "/metrics"), ("accept", "x" * 30_000),
        ("upgrade", "h2c"), ("connection", "content-type, authorization"), ("via", CANARY),
        ("x-forwarded-proto", "https"), ("x-request-id", CANARY), ("traceparent", CANARY),
        ("proxy-authorization", f"Basic {CANARY}"), ("cookie", "a=b; " * 5000), ("if-match", '"x"'),
        ("content-disposition", f"attachment; filename={CANARY}"), ("content-md5", CANARY),
    ):  # fmt: skip
        sent = (*JSON, (name, value))
        yield Body("headers", f"{name}: {short(value)}", content, 201, headers=sent)
    many = tuple((f"x-{number}", CANARY) for number in range(80))
    yield Body("headers", "80 headers", content, 201, headers=(*JSON, *many))
    for method in ("PROPFIND", "PURGE", "M-SEARCH"):
        yield Body("headers", method, content, 405, "method_not_allowed", method=method)


def of_ours() -> Iterator[Body]:
    """Bodies about fields and routes that only this service has."""
    for make in (fields, unknown_and_repeated_keys, names, limits_and_months, ids, paths, tables,
                 batches, large_batches, callers, told_later, questions, records, strange_text,
                 deep, long_headers):  # fmt: skip
        yield from make()


def bodies() -> Iterator[Body]:
    """The whole corpus."""
    yield from of_any(OURS)
    yield from of_ours()
