"""docs/operation.md: its commands typed as they stand, its proxy started, its alerts all there."""

import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from serving import new_service

from models.registry import Registry

ROOT = Path(__file__).parents[2]
PAGE = "docs/operation.md"
SECONDS = 20
NAME = "csf.example.org"

Program = Callable[[str], str]


def test_commands_of_the_page_run(
    type_commands: Callable[..., Any],
    program: Program,
    linear_registry: Registry,
    postgres_server: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    program("pg_dump")
    server = urlsplit(postgres_server.url)
    for name, value in (
        ("PGHOST", server.hostname), ("PGPORT", str(server.port)), ("PGUSER", server.username),
        ("PGPASSWORD", server.password),
    ):  # fmt: skip
        monkeypatch.setenv(name, str(value))
    shutil.copytree(linear_registry.folder, tmp_path / "registry")
    typed = type_commands(PAGE, tmp_path)
    assert typed.returncode == 0, typed.stdout + typed.stderr
    assert typed.stdout.count("Intact: ") == 6
    assert "NOT intact" not in typed.stdout
    assert "nothing was erased" in typed.stdout
    assert (tmp_path / "laboratory-a.header").stat().st_mode & 0o077 == 0
    assert len((tmp_path / "registry.pepper").read_text().splitlines()) == 1


@pytest.fixture
def proxied(
    program: Program, port: int, linear_registry: Registry, tmp_path: Path
) -> Iterator[tuple[int, ssl.SSLContext]]:
    """The page's proxy in front of a service that lets in whoever is on this machine."""
    service = new_service(linear_registry.folder, tmp_path, trusted_hosts=NAME)
    with service.running() as running:
        certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
        subprocess.run(
            [
                program("openssl"), "req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "1",
                "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
                "-keyout", str(key), "-out", str(certificate),
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip
        config = tmp_path / "nginx.conf"
        config.write_text(proxy_config(tmp_path, port, running.address, certificate, key))
        with running_program(program("nginx"), "-e", str(tmp_path / "errors"), "-c", str(config)):
            yield port, ssl.create_default_context(cafile=certificate)


def proxy_config(folder: Path, port: int, address: str, certificate: Path, key: Path) -> str:
    """The page's server, with addresses and files of this test."""
    (server,) = re.findall(r"```nginx\n(.*?)```", (ROOT / PAGE).read_text(), flags=re.DOTALL)
    server = server.replace("listen 443", f"listen 127.0.0.1:{port}")
    server = server.replace("127.0.0.1:8000", address)
    server = server.replace(f"/etc/ssl/private/{NAME}.key", str(key))
    server = server.replace(f"/etc/ssl/{NAME}.pem", str(certificate))
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    return (
        f"daemon off; pid {folder}/pid; events {{}} "
        f"http {{ access_log {folder}/access; {paths}\n{server} }}"
    )


@contextmanager
def running_program(*command: str) -> Iterator[None]:
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(SECONDS)


def status(proxied: tuple[int, ssl.SSLContext], path: str, name: str = NAME) -> int:
    """What the proxy answers to a GET."""
    port, trusted = proxied
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            plain = socket.create_connection(("127.0.0.1", port), timeout=SECONDS)
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    with trusted.wrap_socket(plain, server_hostname=NAME) as connection:
        request = f"GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        return int(connection.recv(100).split()[1])


def test_who_comes_through_the_proxy_is_nobody_of_this_machine(
    proxied: tuple[int, ssl.SSLContext],
) -> None:
    assert status(proxied, "/readyz") == 200
    assert status(proxied, "/v1/models") == 401
    assert status(proxied, "/metrics") == 404
    assert status(proxied, "/v1/models", "elsewhere.example.org") == 421
