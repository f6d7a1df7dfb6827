"""What every answer of the API has in common: strict bodies, problem documents, who I am."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from wastetrack.serving.problems import EVERY_FAMILY, MEDIA_TYPE


class Body(BaseModel):
    """A request's body: unknown members are refused, for a misspelt one would be silently lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """An answer's body, made from whatever has these attributes."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class BrokenRule(Shown):
    """One rule that forbids it."""

    field: str
    pointer: str
    code: str
    message: str
    message_zh: str
    value: Any
    article: str | None
    next_step: str
    next_step_zh: str


class Problem(Shown):
    """RFC 9457 problem document."""

    type: str
    title: str
    title_zh: str
    status: int
    code: str = Field(description="Stable; program against this, not against the sentences")
    detail: str
    detail_zh: str
    errors: list[BrokenRule]
    request_id: str


class Me(Shown):
    """Who is asking, and for whom."""

    person_id: UUID
    person_name: str
    organisation_id: UUID
    membership_id: UUID
    role: str
    delegate_of: UUID | None = None
    """The firm of somebody from outside who acts here as a delegate."""


class TokenShown(Shown):
    """A personal token, without its secret."""

    id: UUID
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    scopes: list[str] | None = Field(description="What it is narrowed to; null for all that its owner may do")


_AT_THE_DOOR = (400, 401, 403, 408, 413, 415, 422, 429, 431, 503)
"""What the door of every address may answer, whatever is behind it."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an operation: which refusals to expect. Those of the door go without saying."""
    titles = {family.status: family.title for family in EVERY_FAMILY}
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": titles[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in sorted({*_AT_THE_DOOR, *statuses})
    }
