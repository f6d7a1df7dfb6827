"""What the body of every signed step has: the signer's factor, and the name of what was prepared for him.

The values are judged before the step is begun (serving/signing.py); here stands what may be sent.
"""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from wastetrack.api.schemas import Body

_Secret = Annotated[str, StringConstraints(max_length=200)]


class FactorKind(StrEnum):
    """With what the signer shows that it is he. The first two leave evidence that anybody can verify."""

    PASSKEY = "passkey"
    SYSTEM_KEY = "system_key"
    TOTP = "totp"
    RECOVERY_CODE = "recovery_code"
    PASSWORD = "password"  # noqa: S105  the name of a kind


class FactorBody(Body):
    """The one value that belongs to its kind."""

    kind: FactorKind
    password: _Secret | None = None
    code: _Secret | None = Field(None, description="Of an authenticator app, or a recovery code")
    assertion: dict[str, Any] | None = Field(
        None, description="`PublicKeyCredential.toJSON()` of the options that the preparation gave"
    )
    key_id: UUID | None = Field(None, description="The registered key of a system")
    signature: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description="Its Ed25519 signature over the bytes of the statement, in base64url"
    )


class SignedBody(Body):
    """The signature itself."""

    factor: FactorBody | None = Field(
        None, description="The signer's own factor, again for each signature; only a draft is thrown away without one"
    )
    intent_id: UUID | None = Field(
        None, description="What was prepared. A passkey and a system's key need it, other factors may do without"
    )
