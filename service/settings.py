"""What the service can be told, from the environment (`CSF_...`) or the command line."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from data.errors import CsfError

_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
_HOST: Final = re.compile(r"[a-z0-9.:-]+")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.:_%-]+")


def _names(stated: Any) -> Any:
    """Names between commas; a list of them stays one."""
    if not isinstance(stated, str):
        return stated
    return tuple(name.strip().lower() for name in stated.split(",") if name.strip())


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]


class Settings(BaseSettings):
    """Settings of one service.

    Attributes
    ----------
    registry
        Folder of bundles.
    public_key_file
        Ed25519 public keys in PEM; set, only bundles that one of them signed are used.
    database_url
        Where predictions, keys and the audit are kept; left out, SQLite beside the registry.
    database_password_file
        Holds PostgreSQL's password, so that no environment shows it.
    pepper_file
        The secret behind keys and audit; left out, beside the registry and made at first start.
    allow_anonymous
        Whether whoever is on this machine needs no key.
    record
        Whether predictions are kept.
    retention_days
        After how long inputs and kept replies are erased; left out, never.
    host, port
        Where it listens. Port 0 takes a free one.
    trusted_hosts
        Names under which it may be asked for, beside those of the loopback and `host`.
    cors_origins
        Origins whose pages may read answers in a browser.
    max_body_bytes, max_batch_bytes
        Largest accepted body of one panel pair, and of a batch.
    max_batch_rows, max_recorded_rows, max_batch_items
        Most patients in one batch as a table, as a table that is recorded, and as items.
    max_body_seconds
        How long a body may take to arrive.
    max_requests, max_batches
        Most requests that one worker works on at a time, and most batches among them.
    """

    model_config = SettingsConfigDict(env_prefix="CSF_", frozen=True)

    registry: Path = Path("registry")
    public_key_file: Path | None = None
    database_url: str | None = None
    database_password_file: Path | None = None
    pepper_file: Path | None = None
    allow_anonymous: bool = False
    record: bool = True
    retention_days: float | None = Field(default=None, gt=0, le=36_500)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    trusted_hosts: Names = ()
    cors_origins: Names = ()
    max_body_bytes: int = Field(default=64 * 1024, gt=0)
    max_batch_bytes: int = Field(default=16 * 1024 * 1024, gt=0)
    max_batch_rows: int = Field(default=100_000, gt=0)
    max_recorded_rows: int = Field(default=10_000, gt=0)
    max_batch_items: int = Field(default=5_000, gt=0)
    max_body_seconds: float = Field(default=10, gt=0, allow_inf_nan=False)
    max_requests: int = Field(default=256, gt=0)
    max_batches: int = Field(default=4, gt=0)

    @field_validator("registry", "public_key_file", "database_url", "pepper_file", mode="before")
    @classmethod
    def _not_empty(cls, stated: Any) -> Any:
        if stated == "":
            raise ValueError("it is empty; leave it out instead")
        return stated

    @field_validator("registry")
    @classmethod
    def _folder(cls, registry: Path) -> Path:
        if registry.absolute().name:
            return registry
        raise ValueError("name a folder; the database is kept beside it")

    @field_validator("host")
    @classmethod
    def _address(cls, host: str) -> str:
        if _ADDRESS.fullmatch(host):
            return host
        raise ValueError("name an address such as 127.0.0.1, or a host")

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        if all(_ORIGIN.fullmatch(origin) for origin in origins):
            return origins
        raise ValueError("name origins such as https://dashboard.example.org, separated by commas")

    @field_validator("trusted_hosts")
    @classmethod
    def _hosts(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        if all(_HOST.fullmatch(host) for host in hosts):
            return hosts
        raise ValueError("name hosts such as csf.example.org, separated by commas, without ports")

    @model_validator(mode="after")
    def _anonymous_on_loopback(self) -> Self:
        if self.allow_anonymous and not is_loopback(self.host):
            raise ValueError("without keys the service listens on loopback only (127.0.0.1 or ::1)")
        return self

    @property
    def hosts(self) -> frozenset[str]:
        """Every name under which it may be asked for."""
        return frozenset({*_LOOPBACK_NAMES, self.host.lower(), *self.trusted_hosts})

    @property
    def database(self) -> str:
        """Address of the database."""
        return self.database_url or f"sqlite:///{self.default_database}"

    @property
    def default_database(self) -> Path:
        """The SQLite file that is used where no other database is named."""
        return self._beside_registry("sqlite3")

    @property
    def default_pepper(self) -> Path:
        """The pepper file that is used where no other is named."""
        return self._beside_registry("pepper")

    @property
    def pepper_path(self) -> Path:
        """The pepper file that is used."""
        return self.pepper_file or self.default_pepper

    def _beside_registry(self, suffix: str) -> Path:
        folder = self.registry.absolute()
        return folder.with_name(f"{folder.name}.{suffix}")


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine, and no other can reach it.

    Examples
    --------
    >>> is_loopback("127.0.0.2"), is_loopback("localhost"), is_loopback("192.168.1.2")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_settings(given: dict[str, object]) -> Settings:
    """Settings from the command line over those of the environment.

    Raises
    ------
    CsfError
        In one sentence, when they do not fit.
    """
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except (ValidationError, SettingsError) as error:
        raise CsfError(_sentence(error)) from None


def _sentence(error: ValidationError | SettingsError) -> str:
    if isinstance(error, SettingsError):
        return "a setting CSF_... cannot be read"
    wrong = error.errors(include_url=False, include_input=False)[0]
    name = "_".join(map(str, wrong["loc"][:1])).upper() or "HOST"
    return f"the setting CSF_{name} does not fit: {wrong['msg'].removeprefix('Value error, ')}"
