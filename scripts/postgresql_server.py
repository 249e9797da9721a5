"""A throw-away PostgreSQL server of Debian's `pg_virtualenv`, for root and for anybody else."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def postgresql(user: str, database: str) -> Iterator[tuple[int, str]]:
    """A throw-away server with an owner and a database; its port and the owner's password."""
    password = secrets.token_hex(16)
    make = f"CREATE ROLE {user} LOGIN PASSWORD '{password}';"
    say = f"""psql --quiet --command "{make}" --command "CREATE DATABASE {database} OWNER {user}" \
        >&2 && echo "$PGPORT" && cat"""
    process = subprocess.Popen(
        ["pg_virtualenv", "-t", "-o", "fsync=on", "sh", "-c", say],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    try:
        port = next((int(line) for line in process.stdout if line.strip().isdigit()), None)
        if port is None:
            sys.exit("pg_virtualenv made no server")
        yield port, password
    finally:
        process.stdin.close()
        process.wait(60)
