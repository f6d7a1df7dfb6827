"""The only reader of the environment: every setting, its default and what it is for."""

from functools import cache
from pathlib import Path

import platformdirs
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Each field is read from WASTETRACK_<NAME>; secrets may come from files in /run/secrets of the same name."""

    model_config = SettingsConfigDict(env_prefix="WASTETRACK_", extra="ignore", frozen=True)

    database_url: str | None = Field(None, description="External PostgreSQL; without it the embedded server starts")
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
    factor_key: SecretStr | None = Field(
        None, description="Key that seals authenticator apps' secrets; default: data_dir/factor.key"
    )
    require_second_factor: tuple[str, ...] = Field(
        (), description="Roles whose members must enrol a second factor; a JSON list in the environment"
    )
    locale: str = Field("zh", description="Language where the visitor has not chosen: zh or en")
    time_zone: str = Field("Asia/Shanghai", description="Zone in which pages and documents show times")
    session_idle_hours: int = Field(12, description="A session unused for so long ends", gt=0)
    session_absolute_hours: int = Field(168, description="A session ends after so long in any case", gt=0)
    token_days: int = Field(90, description="Default life of a personal API token", gt=0)
    worker_in_server: bool = Field(default=True, description="Run the sequencer and jobs inside the server process")
    pool_size: int = Field(16, description="Database connections of each server process", gt=0)

    @property
    def log_key_path(self) -> Path:
        """Where the seed of the log's signing key lies."""
        return self.log_key_file or self.data_dir / "log.key"


@cache
def load() -> Settings:
    """The settings of this process, read once. Raises pydantic's ValidationError naming each wrong variable."""
    return Settings()
