"""The unit of work of an organisation's directory (SCIM 2.0): who it is is told by its bearer token alone."""

import dataclasses
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from wastetrack import clock
from wastetrack.auth import provisioning_tokens
from wastetrack.auth.model import viewer_of_organisation
from wastetrack.auth.provisioning import Home
from wastetrack.auth.provisioning_tokens import TOKEN_PREFIX, Provisioner
from wastetrack.db.session import ReadSession, WriteSession, reading, writing
from wastetrack.errors import Unauthenticated
from wastetrack.parties import queries
from wastetrack.parties.model import Organisation
from wastetrack.serving.deps import bearer_of, engine_of

SCIM_PATH = "/scim/v2"
"""Where directories find us."""


@dataclasses.dataclass(frozen=True, slots=True)
class DirectoryReading:
    """A reading session and the organisation whose directory looks."""

    session: ReadSession
    organisation: Organisation
    at: datetime

    @property
    def home(self) -> Home:
        """What the use cases need of the organisation."""
        return Home(self.organisation.id, self.organisation.jurisdiction)


@dataclasses.dataclass(frozen=True, slots=True)
class DirectoryWriting(DirectoryReading):
    """The same, with a session that writes."""

    session: WriteSession


async def _recognise(request: Request, session: ReadSession, at: datetime) -> tuple[Provisioner, Organisation]:
    secret = bearer_of(request)
    if not secret or not secret.startswith(TOKEN_PREFIX):
        raise Unauthenticated("provisioning_token_needed", "Send the organisation's provisioning token as a bearer.")
    provisioner = await provisioning_tokens.authenticate(session, secret, at=at)
    if provisioner is None:
        raise Unauthenticated("credential_ended", "Your sign-in has ended. Sign in again.")
    own = viewer_of_organisation(provisioner.organisation_id)
    await session.look_as(own, provisioner.organisation_id, provisioner.made_by)
    return provisioner, await queries.organisation(session, provisioner.organisation_id)


async def _read(request: Request) -> AsyncIterator[DirectoryReading]:
    at = clock.now()
    async with reading(engine_of(request)) as session:
        provisioner, organisation = await _recognise(request, session, at)
        yield DirectoryReading(session, organisation, at)
    await _note_use(request, provisioner, at)


async def _write(request: Request) -> AsyncIterator[DirectoryWriting]:
    at = clock.now()
    async with writing(engine_of(request)) as session:
        provisioner, organisation = await _recognise(request, session, at)
        yield DirectoryWriting(session, organisation, at)
    await _note_use(request, provisioner, at)


async def _note_use(request: Request, provisioner: Provisioner, at: datetime) -> None:
    if provisioner.stale:
        async with writing(engine_of(request)) as session:
            await provisioning_tokens.note_use(session, provisioner, at=at)


ReadingDirectory = Annotated[DirectoryReading, Depends(_read, scope="function")]
WritingDirectory = Annotated[DirectoryWriting, Depends(_write, scope="function")]
