"""What the service can be told, from the environment (`CSF_...`) or the command line."""

import ipaddress
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one service.

    Attributes
    ----------
    registry
        Folder of bundles.
    public_key_file
        Ed25519 public keys in PEM; set, only bundles that one of them signed are used.
    host, port
        Where it listens; only loopback while there are no keys. Port 0 takes a free one.
    max_body_bytes, max_batch_bytes
        Largest accepted body of one panel pair, and of a batch.
    max_batch_rows, max_batch_items
        Most patients in one batch as a table, and as items.
    max_body_seconds
        How long a body may take to arrive.
    """

    model_config = SettingsConfigDict(env_prefix="CSF_", frozen=True)

    registry: Path = Path("registry")
    public_key_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    max_body_bytes: int = Field(default=64 * 1024, gt=0)
    max_batch_bytes: int = Field(default=16 * 1024 * 1024, gt=0)
    max_batch_rows: int = Field(default=100_000, gt=0)
    max_batch_items: int = Field(default=5_000, gt=0)
    max_body_seconds: float = Field(default=30, gt=0, allow_inf_nan=False)

    @field_validator("host")
    @classmethod
    def _loopback(cls, host: str) -> str:
        if host == "localhost" or _is_loopback(host):
            return host
        raise ValueError("without keys the service listens on loopback only (127.0.0.1 or ::1)")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
