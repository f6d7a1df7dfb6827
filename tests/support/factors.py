"""People with factors, for tests: enrolled through the use cases, signed with by a software authenticator."""

import dataclasses
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pyotp
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.authenticator import Authenticator
from wastetrack.auth import enrolling_factors, queries, signing_in
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.queries import Identity
from wastetrack.auth.relying import RelyingParty
from wastetrack.auth.signing_in import SignIn
from wastetrack.db.session import reading, writing
from wastetrack.ids import new_id

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LASTS = timedelta(hours=168)
PASSWORD = "seven quiet harbours at noon"  # noqa: S105  of people who exist in tests only
PARTY = RelyingParty("localhost", "http://localhost:8000", b"k" * 32)


@dataclasses.dataclass
class Member:
    """Somebody enrolled in a database of a test, signed in, and shown to be himself just now."""

    engine: AsyncEngine
    login: str
    token: str
    identity: Identity

    @property
    def actor(self) -> Actor:
        """As use cases see the person."""
        return self.identity.actor

    @property
    def person_id(self) -> UUID:
        """Whose factors they are."""
        return self.identity.actor.person_id

    @property
    def secret_hash(self) -> bytes:
        """The session's."""
        return self.identity.secret_hash

    async def prove(self, *, at: datetime = AT) -> None:
        """A factor was given again."""
        async with writing(self.engine) as session:
            await enrolling_factors.note_proof(session, self.secret_hash, at=at)

    async def with_passkey(self, device: Authenticator, *, name: str = "手机", at: datetime = AT) -> UUID:
        """Enrol a device; gives the passkey's id."""
        await self.prove(at=at)
        async with writing(self.engine) as session:
            options = await enrolling_factors.offer_passkey(session, self.actor, self.secret_hash, party=PARTY, at=at)
        async with writing(self.engine) as session:
            return await enrolling_factors.add_passkey(
                session, self.actor, self.secret_hash, device.create(options), name, party=PARTY, at=at
            )

    async def with_totp(self, *, at: datetime = AT) -> pyotp.TOTP:
        """Enrol an app with the code of the step before this one; gives the app."""
        await self.prove(at=at)
        async with writing(self.engine) as session:
            offer = await enrolling_factors.offer_totp(session, self.actor, self.secret_hash, party=PARTY, at=at)
        app = pyotp.parse_uri(offer.address)
        assert isinstance(app, pyotp.TOTP)
        async with writing(self.engine) as session:
            code = app.at(at - timedelta(seconds=30))
            await enrolling_factors.add_totp(session, self.actor, self.secret_hash, code, party=PARTY, at=at)
        return app

    async def with_recovery_codes(self, *, at: datetime = AT) -> tuple[str, ...]:
        """A list of recovery codes."""
        await self.prove(at=at)
        async with writing(self.engine) as session:
            return await enrolling_factors.make_recovery_codes(session, self.actor, self.secret_hash, at=at)


async def member(engine: AsyncEngine, *, role: Role = Role.SIGNER, at: datetime = AT) -> Member:
    """Somebody new who has just signed in with the password."""
    login = f"zhang.wei.{new_id()}"
    command = Enrol(login=login, name="张伟", password=PASSWORD, organisation_id=new_id(), role=role)
    async with writing(engine) as session:
        await install(session, command, at=at)
    given = SignIn(login=login, password=PASSWORD, address="192.0.2.1", user_agent="test")
    opened = await signing_in.sign_in(engine, given, lasts=LASTS, at=at)
    async with reading(engine) as session:
        identity = await queries.authenticate_session(session, opened.token, idle=timedelta(hours=12), at=at)
    assert identity is not None
    return Member(engine, login, opened.token, identity)
