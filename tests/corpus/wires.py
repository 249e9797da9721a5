"""Requests that only bytes on a socket can make: false lengths, chunks, floods; with answers.

The content is a good body; what is asked is whether the framing around it holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wire:
    """Bytes on a socket, sent part by part, and the statuses they may get."""

    name: str
    parts: tuple[bytes, ...]
    expected: tuple[int, ...]


def framings(content: bytes, canary: str) -> Iterator[tuple[str, bytes, bytes, tuple[int, ...]]]:
    """Lengths and chunks, true and false: headers, what follows them, statuses."""
    n, chunked = len(content), b"Transfer-Encoding: chunked\r\n"
    chunks, length = b"%x\r\n%s\r\n0\r\n\r\n" % (n, content), b"Content-Length: %d\r\n"
    small = b"".join(b"1\r\n%c\r\n" % byte for byte in content) + b"0\r\n\r\n"
    yield "length", length % n, content, (201,)
    yield "length too long", length % (n + 50), content, (408,)
    yield "length too short", length % (n - 50), content, (400,)
    yield "length of 10^12", length % 10**12, content, (413,)
    for stated in (b"-1", b"+%d" % n, b"0x%x" % n, b"%d, %d" % (n, n), b"1" * 30, b"", b"x"):
        yield f"length {stated!r}", b"Content-Length: " + stated + b"\r\n", content, (400,)
    yield "no length", b"", content, (400,)
    yield "two lengths", length % n + length % (n + 1), content, (400,)
    yield "chunks", chunked, chunks, (201,)
    yield "chunks of one byte", chunked, small, (201,)
    yield "trailer", chunked, chunks[:-2] + b"X: y\r\n\r\n", (201,)
    yield "chunk extension", chunked, chunks.replace(b"\r\n", b";x=y\r\n", 1), (201,)
    yield "no last chunk", chunked, chunks[:-5], (408,)
    yield "chunks beyond 64 KiB", chunked, b"11170\r\n" + b" " * 0x11170 + b"\r\n" + chunks, (413,)
    for size in (b"zz", b"-5", b"5", b"F" * 17, b"0x5"):
        yield f"chunk of {size!r}", chunked, size + b"\r\n" + content + b"\r\n0\r\n\r\n", (400,)
    yield "length and chunks", length % n + chunked, chunks, (400,)
    yield "chunks and length", chunked + length % n, chunks, (400,)
    yield "chunked twice", chunked * 2, chunks, (400,)
    yield "packed chunks", b"Transfer-Encoding: gzip, chunked\r\n", chunks, (415,)
    for coding in (b"gzip", b"identity", b"xchunked", b"chunked, identity"):
        yield f"coding {coding!r}", b"Transfer-Encoding: " + coding + b"\r\n", chunks, (400,)
    yield "space before colon", b"Transfer-Encoding : chunked\r\n", chunks, (400,)
    yield "expect", b"Expect: 100-continue\r\n" + length % n, content, (100, 201)
    yield "expect too much", b"Expect: 100-continue\r\n" + length % 10**9, b"", (413,)
    yield "expect something", f"Expect: {canary}\r\n".encode() + length % n, content, (201, 417)
    for name, header in (
        ("NUL", b"X: a\x00b"),
        ("CR", b"X: a\rb"),
        ("folded", b"X: a\r\n b"),
        ("space", b"X Y: a"),
        ("no colon", b"X"),
        ("no name", b": a"),
    ):
        yield f"header with {name}", header + b"\r\n" + length % n, content, (400,)


def disguises(content: bytes) -> Iterator[tuple[str, bytes, bytes, tuple[int, ...]]]:
    """Lengths and chunks that two programs in a row could read differently, as in smuggling."""
    n, chunked = len(content), b"Transfer-Encoding: chunked\r\n"
    length, chunks = b"Content-Length: %d\r\n" % n, b"%x\r\n%s\r\n0\r\n\r\n" % (n, content)
    for good in (b"00%d" % n, b"%d " % n, b"\t%d" % n):
        yield f"length as {good!r}", b"Content-Length: " + good + b"\r\n", content, (201,)
    for bad in (b"\x0b%d" % n, b"%d %d" % divmod(n, 10), b"\xef\xbc\x91", b"%d" % (2**64 + n),
                b"1e2", b"%d;" % n, b'"%d"' % n):  # fmt: skip
        yield f"length as {bad!r}", b"Content-Length: " + bad + b"\r\n", content, (400,)
    yield "same length twice", length * 2, content, (400,)
    yield "length before colon", length.replace(b":", b" :"), content, (400,)
    yield "length of 2^63", b"Content-Length: %d\r\n" % 2**63, content, (413,)
    for good in (b"\tchunked", b" CHUNKED", b" chunked "):
        yield f"coding as {good!r}", b"Transfer-Encoding:" + good + b"\r\n", chunks, (201,)
    for bad in (b"\x0bchunked", b'"chunked"', b"chunked;q=1", b"chunked, chunked", b"\r\n chunked",
                b"chunked\r\nTransfer-Encoding: identity", b"\x00chunked"):  # fmt: skip
        yield f"coding as {bad!r}", b"Transfer-Encoding: " + bad + b"\r\n", chunks, (400,)
    for odd in (b",chunked", b"identity\r\nTransfer-Encoding: chunked"):
        yield f"coding as {odd!r}", b"Transfer-Encoding: " + odd + b"\r\n", chunks, (415,)
    for bad in (b" " + chunks, b"+" + chunks, b"1_0\r\n" + chunks, chunks.replace(b"\r\n", b"\n"),
                chunks.replace(b"\r\n", b" \r\n", 1), chunks.replace(b"\r\n", b";a\n", 1),
                chunks.replace(b"\r\n", b';a="\r\n', 1), chunks.replace(b"\r\n", b";a\rb\r\n", 1),
                b"%x\r\n%s0\r\n\r\n" % (n, content)):  # fmt: skip
        yield f"chunks as {bad[:12]!r}", chunked, bad, (400,)
    yield "zeros before a chunk's size", chunked, b"0" * 100 + chunks, (201,)
    yield "length in a trailer", chunked, chunks[:-2] + b"Content-Length: 5\r\n\r\n", (400,)


def unusual(good: bytes) -> Iterator[tuple[str, bytes, tuple[int, ...]]]:
    """Offers, versions and targets of a good request."""
    for name, offer in (
        ("h2c", b"Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMA\r\nUpgrade: h2c\r\n"),
        (
            "WebSocket",
            b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
        ),
        ("TLS", b"Upgrade: TLS/1.0\r\nConnection: upgrade\r\n"),
    ):
        yield f"offer of {name}", good.replace(b"Host", offer + b"Host", 1), (201,)
    for version in (b"0.9", b"1.2", b"2.0", b"9.9"):
        yield f"HTTP/{version!r}", good.replace(b"HTTP/1.1", b"HTTP/" + version, 1), (400,)
    for name, old, new, expected in (
        ("http", b"HTTP/1.1", b"http/1.1", (400,)),
        ("tab", b"POST ", b"POST\t", (400,)),
        ("empty lines first", b"POST", b"\r\n\r\nPOST", (201,)),
        ("space first", b"POST", b" POST", (400,)),
        ("backslashes", b"/v1/", b"\\v1\\", (400,)),
        ("UTF-8 in path", b"ions ", b"ions\xc3\xa9 ", (400,)),
        ("UTF-8 in query", b"ions ", b"ions?\xc3\xa9 ", (400,)),
        ("escaped line", b"ions ", b"ions%0d%0a ", (404,)),
        ("two slashes", b"/v1/", b"//v1/", (404,)),
        ("dots", b"/v1/", b"/v1/./", (404,)),
        ("whole address", b"/v1/", b"http://x/v1/", (201,)),
        ("HEAD", b"POST", b"HEAD", (405,)),
        ("Latin-1 in a header", b"Host", b"X: \xe9\r\nHost", (201,)),
        ("DEL", b"Host", b"X: \x7f\r\nHost", (400,)),
        ("UTF-8 in a name", b"Host", b"X\xc3\xa9: a\r\nHost", (400,)),
        ("empty header", b"Host", b"X:\r\nHost", (201,)),
        ("underscore", b"Content-Length", b"Content_Length", (400,)),
    ):
        yield name, good.replace(old, new, 1), expected
    yield "CR alone", good.replace(b"\r\n", b"\r"), (400,)


def wires(content: bytes, canary: str, key: str = "") -> Iterator[Wire]:
    """What only bytes on a socket can say; with an API key, for a service that asks for one."""
    flood = b"y" * 100_000
    head = b"POST /v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    if key:
        head += f"Authorization: Bearer {key}\r\n".encode()
    for make in (framings(content, canary), disguises(content)):
        for name, headers_, rest, expected in make:
            yield Wire(name, (head + headers_ + b"\r\n" + rest,), expected)
    good = head + b"Content-Length: %d\r\n\r\n" % len(content) + content
    for name, old, new, expected in (
        ("HTTP/1.0", b"HTTP/1.1", b"HTTP/1.0", (201,)), ("method", b"POST", b"FOO", (400,)),
        ("small letters", b"POST", b"post", (400,)), ("line feeds", b"\r\n", b"\n", (400,)),
        ("space in path", b"predictions ", b"predict ions ", (400,)),
        ("NUL in path", b"predictions ", b"predictions\x00 ", (400,)),
        ("no UTF-8 in path", b"predictions ", b"predictions%zz%ff ", (404,)),
        ("CONNECT", b"POST /v1/predictions", b"CONNECT x:1", (400,)),
        ("asterisk", b"POST /v1/predictions", b"OPTIONS *", (404, 405)),
        ("1000 headers", b"Host: x\r\n", b"Host: x\r\n" + b"X-Y: z\r\n" * 1000, (201,)),
        ("no host", b"Host: x\r\n", b"", (421,)),
        ("two hosts", b"Host: x\r\n", b"Host: x\r\nHost: x\r\n", (421,)),
        ("another host", b"Host: x\r\n", b"Host: y\r\n", (421,)),
    ):  # fmt: skip
        yield Wire(name, (good.replace(old, new),), expected)
    for name, sent, expected in unusual(good):
        yield Wire(name, (sent,), expected)
    for name, sent in (
        ("zeros", b"\x00" * 100),
        ("TLS", b"\x16\x03\x01\x00\xc8\x01" + b"\x00" * 50),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ):
        yield Wire(name, (sent,), (400,))
    yield Wire("two requests", (good * 2,), (201,))
    body = b"Transfer-Encoding: chunked\r\n\r\n1"
    yield Wire("flood of headers", (head, *[b"X: y\r\n" * 10_000] * 300), (431,))
    yield Wire("flood of one header", (head + b"X: ", *[flood] * 300), (431,))
    yield Wire("flood of path", (b"POST /", *[flood] * 300), (431,))
    yield Wire("flood of trailers", (head + body + b"\r\n{\r\n0\r\nX: ", *[flood] * 300), (431,))
    yield Wire("flood of extension", (head + body + b";x=", *[flood] * 300), (431,))
