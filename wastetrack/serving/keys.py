"""The deployment's two secrets, read once when the process starts: what signs for the log, and what marks labels."""

import dataclasses
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from wastetrack.settings import Settings
from wastetrack.transparency import signing_key
from wastetrack.transparency.note import Signer


@dataclasses.dataclass(frozen=True, slots=True)
class Keys:
    """Never printed. `base_url` belongs to them: it is part of what the check on a label covers."""

    signer: Signer
    label_key: bytes = dataclasses.field(repr=False)
    base_url: str


def load_keys(settings: Settings) -> Keys:
    """The secrets that the settings name; those that are files are made at the first start, readable by their owner.

    Raises SigningKeyUnusable.
    """
    signer = signing_key.load_or_create(settings.log_key_path, origin=settings.log_origin)
    given = settings.label_key
    if given is not None:
        label_key = given.get_secret_value().encode()
    else:
        label_key = signing_key.secret_kept_at(settings.data_dir / "label.key")
    return Keys(signer, label_key, settings.base_url)


async def keys_of(request: Request) -> Keys:
    """The secrets of this process, put there by app.py. Not a plain function: those run in a thread of their own."""
    keys: Keys = request.app.state.keys
    return keys


DeploymentKeys = Annotated[Keys, Depends(keys_of)]
"""What a handler asks for that signs receipts or reads labels: `keys: DeploymentKeys`."""
