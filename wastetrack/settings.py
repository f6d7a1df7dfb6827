"""The only reader of the environment: every setting, its default and what it is for."""

import re
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal, Self
from uuid import UUID

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class DeliveryKind(StrEnum):
    """How messages leave the deployment."""

    FOLDER = "folder"
    """As files in data_dir/outbox."""
    CONSOLE = "console"
    """Printed by the worker."""
    SMTP = "smtp"
    """By a mail server."""


class IdentityProvider(BaseModel):
    """An OpenID provider that may vouch for people of the named organisations, and for nobody else.

    With `organisation_claim`, that claim of the ID token chooses among `organisation_values` and must be there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    slug: str = Field(pattern=r"^[a-z0-9-]{1,40}$", description="Its name in addresses")
    name: str = Field(min_length=1, max_length=60, description="What stands on the button")
    issuer: str = Field(description="Issuer URL, exactly as the provider says it")
    client_id: str
    client_secret: SecretStr | None = None
    client_secret_file: Path | None = None
    organisations: tuple[UUID, ...] = ()
    organisation_claim: str | None = None
    organisation_values: dict[str, UUID] = {}
    email_domains: tuple[str, ...] = Field((), description="If given, the verified address must end with one of these")
    algorithms: tuple[Literal["RS256", "PS256", "ES256", "EdDSA"], ...] = ("RS256", "ES256")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        named = self.organisation_values if self.organisation_claim else self.organisations
        if not named:
            msg = "a provider needs organisations, or organisation_claim with organisation_values"
            raise ValueError(msg)
        return self

    @property
    def may_vouch_for(self) -> frozenset[UUID]:
        """All organisations whose people it may recognise."""
        return frozenset(self.organisation_values.values() if self.organisation_claim else self.organisations)

    def secret(self) -> str | None:
        """The client's secret, from the setting or its file; None for a public client."""
        if self.client_secret_file is not None:
            return self.client_secret_file.read_text(encoding="utf-8").strip()
        return None if self.client_secret is None else self.client_secret.get_secret_value()


_TILES = re.compile(r"https?://(?:\{s\}\.)?[A-Za-z0-9.-]+(?::[0-9]+)?/[^\s;,'\"]*\{z\}[^\s;,'\"]*")


class Settings(BaseSettings):
    """Each field is read from WASTETRACK_<NAME>; secrets may come from files in /run/secrets of the same name."""

    model_config = SettingsConfigDict(env_prefix="WASTETRACK_", extra="ignore", frozen=True)

    database_url: str | None = Field(None, description="External PostgreSQL; without it the embedded server starts")
    owner_database_url: str | None = Field(
        None, description="The same database as its owner, for `db upgrade`, `audit fsck` and other operator's commands"
    )
    data_dir: Path = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("wastetrack")),
        description="Embedded database, signing key, label key and factor key live here",
    )
    host: str = Field("127.0.0.1", description="Address to serve on")
    port: int = Field(8000, description="Port to serve on", ge=0, le=65535)
    base_url: str = Field(
        "http://localhost:8000", description="Public address; stands in each QR code, and passkeys belong to it"
    )
    allowed_hosts: tuple[str, ...] = Field(
        ("127.0.0.1", "localhost"), description="Host names answered; a JSON list in the environment"
    )
    secure_cookies: bool = Field(default=False, description="Set true behind TLS: cookies only over https")
    log_origin: str = Field("wastetrack.local/log", description="Name of this deployment's transparency log")
    log_key_file: Path | None = Field(None, description="Ed25519 seed of the log; default: data_dir/log.key")
    label_key: SecretStr | None = Field(None, description="Key of the check on labels; default: data_dir/label.key")
    gate_offline_checks: bool = Field(
        default=True,
        description="Give devices of a gate the key of labels when they are enrolled, so that they know forged labels "
        "without network; without it they know the labels of what is expected",
    )
    factor_key: SecretStr | None = Field(
        None, description="Key that seals authenticator apps' secrets; default: data_dir/factor.key"
    )
    require_second_factor: tuple[str, ...] = Field(
        (), description="Roles whose members must enrol a second factor; a JSON list in the environment"
    )
    jurisdiction_file: Path | None = Field(
        None, description="TOML with the rules' figures and choices that differ from catalogues/data/cn.toml"
    )
    label_rules_file: Path | None = Field(
        None, description="TOML with what differs from reports/data/label_rules_cn.toml: sizes and colours of labels"
    )
    checks_engine: Literal["duckdb", "spark"] = Field(
        "duckdb", description="What computes the checks: DuckDB in one process, or Spark (extra `spark`, Java 17)"
    )
    spark_master: str = Field("local[*]", description="Where Spark runs: local[*], or spark://host:7077")
    locale: str = Field("zh", description="Language where the visitor has not chosen: zh or en")
    time_zone: str = Field("Asia/Shanghai", description="Zone in which pages and documents show times")
    development: bool = Field(default=False, description="For who builds pages: /design shows every component")
    map_tiles: str | None = Field(
        None, description="Tiles below the maps, https://…/{z}/{x}/{y}.png; without it no other host is ever asked"
    )
    map_attribution: str = Field("", description="Whose tiles they are, and the approval number of the map (审图号)")
    outline_dir: Path | None = Field(
        None, description="Folder of <code>.geojson that replace the bundled outlines; `code` and `name` as properties"
    )
    session_idle_hours: int = Field(12, description="A session unused for so long ends", gt=0)
    session_absolute_hours: int = Field(168, description="A session ends after so long in any case", gt=0)
    token_days: int = Field(90, description="Default life of a personal API token", gt=0)
    looks_hide_person_days: int = Field(
        30, description="For so long the owner of data sees which authority looked, but not who and when exactly", ge=0
    )
    looks_never_shown: tuple[str, ...] = Field(
        ("case",), description="Looks for these reasons are never shown to whom they concern; a JSON list"
    )
    retention_years: dict[str, int] = Field(
        default_factory=dict,
        description="Years that records are kept where they differ from privacy/data/cn.toml; a JSON object by kind",
    )
    position_days: int = Field(
        730, description="Positions of vehicles are kept so long; older ones are forgotten every night", gt=0
    )
    purge_token: SecretStr | None = Field(
        None,
        description="The operator's API token; with it, what has served its time is purged every night. Without: never",
    )
    extract_dir: Path | None = Field(
        None,
        description="Folder of the columnar copy for `checks run`, renewed every night; without it none is written",
    )
    extract_database_url: str | None = Field(
        None, description="A login that reads everything and writes nothing, for that copy; default: the owner's"
    )
    worker_in_server: bool = Field(default=True, description="Run the sequencer and jobs inside the server process")
    pool_size: int = Field(16, description="Database connections of each server process", gt=0)
    rate_limits: bool = Field(default=True, description="Limit how often one caller may ask")
    rate_sign_in_per_minute: int = Field(60, description="Tries to sign in, for each address", gt=0)
    rate_reads_per_minute: int = Field(1200, description="Pages and lists, for each credential", gt=0)
    rate_writes_per_minute: int = Field(600, description="Changes, for each credential", gt=0)
    rate_writes_burst: int = Field(
        5000, description="Changes at once: a day of scans that waited for the network", gt=0
    )
    rate_heavy_per_minute: int = Field(120, description="Documents, bundles and files, for each credential", gt=0)
    attachments_megabytes: int = Field(2048, description="Room for the files that one organisation attaches", gt=0)
    outbound_hosts: tuple[str, ...] = Field(
        (), description="Hosts that this server may ask, such as *.example.org; empty: any at a public address"
    )
    outbound_private_hosts: tuple[str, ...] = Field(
        (), description="Hosts that it may ask although they lie in a private network: an own identity provider"
    )
    outbound_loopback: bool = Field(default=False, description="Let it ask http://127.0.0.1, for trials and tests")
    invitation_hours: int = Field(72, description="The link of an invitation is valid for so long", gt=0, le=24 * 30)
    delivery: DeliveryKind = Field(DeliveryKind.FOLDER, description="How messages leave: folder, console or smtp")
    smtp_host: str = Field("localhost", description="Mail server")
    smtp_port: int = Field(587, description="Its port", gt=0, le=65535)
    smtp_user: str | None = Field(None, description="Login at the mail server; without it, none is sent")
    smtp_password: SecretStr | None = Field(None, description="Password at the mail server")
    smtp_starttls: bool = Field(default=True, description="Encrypt the way to the mail server")
    mail_from: str = Field("wastetrack@localhost", description="Sender of our mail")
    identity_providers: tuple[IdentityProvider, ...] = Field(
        (), description="Single sign-on: a JSON list of providers (see IdentityProvider)"
    )

    @model_validator(mode="after")
    def _tiles_have_places(self) -> Self:
        if self.map_tiles is not None and not _TILES.fullmatch(self.map_tiles):
            msg = "map_tiles is an address such as https://tiles.example.org/{z}/{x}/{y}.png"
            raise ValueError(msg)
        return self

    @property
    def log_key_path(self) -> Path:
        """Where the seed of the log's signing key lies."""
        return self.log_key_file or self.data_dir / "log.key"


@cache
def load() -> Settings:
    """The settings of this process, read once. Raises pydantic's ValidationError naming each wrong variable."""
    return Settings()
