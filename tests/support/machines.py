"""Systems for tests, and the people who manage them."""

import base64
from datetime import UTC, datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from wastetrack.auth import system_keys
from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.machine_tables import RegisteredKey
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.system_keys import RegisterKey
from wastetrack.auth.tables import Membership
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
PASSWORD = "seven quiet harbours at noon"  # noqa: S105  of people who exist in tests only


async def member(
    session: WriteSession,
    role: Role = Role.OWNER,
    *,
    organisation_id: UUID | None = None,
    jurisdiction: str | None = None,
) -> Actor:
    """Somebody new, in a new organisation if none is given."""
    enrolled = Enrol(
        login=f"member.{new_id()}",
        name="王秀英",
        password=PASSWORD,
        organisation_id=organisation_id or new_id(),
        role=role,
        jurisdiction=jurisdiction,
    )
    row = await session.get_one(Membership, await install(session, enrolled, at=AT))
    return Actor(row.person_id, enrolled.name, row.organisation_id, row.id, Role(row.role), row.viewer)


def public_text(key: Ed25519PrivateKey) -> str:
    """The public half in PEM."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def signed(key: Ed25519PrivateKey, text: str) -> str:
    """A signature as a program sends it."""
    return base64.b64encode(key.sign(text.encode())).decode()


async def proved_key(
    session: WriteSession, actor: Actor, key: Ed25519PrivateKey, *, client_id: UUID | None = None, days: int = 30
) -> RegisteredKey:
    """A key registered and proved at once."""
    command = RegisterKey(name="ERP", public_key=public_text(key), days=days, client_id=client_id)
    row = await system_keys.register_key(session, actor, command, at=AT)
    proof = signed(key, system_keys.statement_to_prove(row))
    return await system_keys.prove_key(session, actor, row.id, proof, at=AT)
