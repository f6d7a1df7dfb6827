"""The deployment's secrets, read once when the process starts: for the log, for labels, and for factors."""

import dataclasses
from pathlib import Path
from typing import Annotated

from fastapi import Depends
from pydantic import SecretStr
from starlette.requests import Request

from wastetrack.auth.relying import RelyingParty
from wastetrack.settings import Settings
from wastetrack.transparency import signing_key
from wastetrack.transparency.note import Signer


@dataclasses.dataclass(frozen=True, slots=True)
class Keys:
    """Never printed. `base_url` belongs to them: it is part of what the check on a label covers."""

    signer: Signer
    label_key: bytes = dataclasses.field(repr=False)
    base_url: str
    relying_party: RelyingParty
    """Us, as passkeys know us, with the key that seals the secrets of authenticator apps."""


def load_keys(settings: Settings) -> Keys:
    """The secrets that the settings name; those that are files are made at the first start, readable by their owner.

    Raises SigningKeyUnusable.
    """
    signer = signing_key.load_or_create(settings.log_key_path, origin=settings.log_origin)
    label_key = _secret(settings.label_key, settings.data_dir / "label.key")
    factor_key = _secret(settings.factor_key, settings.data_dir / "factor.key")
    return Keys(signer, label_key, settings.base_url, RelyingParty.at(settings.base_url, factor_key))


def _secret(given: SecretStr | None, kept_at: Path) -> bytes:
    return signing_key.secret_kept_at(kept_at) if given is None else given.get_secret_value().encode()


async def keys_of(request: Request) -> Keys:
    """The secrets of this process, put there by app.py. Not a plain function: those run in a thread of their own."""
    keys: Keys = request.app.state.keys
    return keys


DeploymentKeys = Annotated[Keys, Depends(keys_of)]
"""What a handler asks for that signs receipts or reads labels: `keys: DeploymentKeys`."""
