"""How the demonstration's people sign: each with an Ed25519 key of his firm's program, registered and proved as any.

The private halves live as long as the region is being built and are kept nowhere: nobody can sign with them later.
The bundles of the demonstration so hold signatures that can be verified, and no password was hashed for them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from wastetrack.auth import public_keys, system_keys
from wastetrack.auth.model import Actor
from wastetrack.auth.system_keys import RegisterKey
from wastetrack.containers.statements import Signing, Statement
from wastetrack.db.session import WriteSession
from wastetrack.manifests.giving_evidence import by_key
from wastetrack.transparency.evidence import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

_DAYS = 1_000


@dataclass(slots=True)
class Keyring:
    """Key and private half of each person who signs."""

    held: "dict[UUID, tuple[UUID, Ed25519PrivateKey]]" = field(default_factory=dict)

    async def give(self, session: WriteSession, actor: Actor, *, at: datetime) -> None:
        """Register a key for somebody, and prove it."""
        private = Ed25519PrivateKey.generate()
        public = public_keys.shown(private.public_key().public_bytes_raw())
        command = RegisterKey(name="示范企业的业务系统", public_key=public, days=_DAYS)
        row = await system_keys.register_key(session, actor, command, at=at)
        proof = public_keys.shown(private.sign(system_keys.statement_to_prove(row).encode()))
        await system_keys.prove_key(session, actor, row.id, proof, at=at)
        self.held[actor.person_id] = row.id, private

    def factor(self, actor: Actor, statement: bytes) -> dict[str, str]:
        """What a program of his sends as its factor for a prepared statement."""
        key_id, private = self.held[actor.person_id]
        signature = public_keys.shown(private.sign(statement))
        return {"kind": EvidenceKind.SYSTEM_KEY.value, "key_id": str(key_id), "signature": signature}

    def signing(self, session: WriteSession, actor: Actor, *, at: datetime) -> Signing:
        """The step in which somebody signs."""
        key_id, private = self.held[actor.person_id]
        public = public_keys.shown(private.public_key().public_bytes_raw())

        async def seal(statement: Statement) -> "Mapping[str, object]":
            # Verified as a stranger would; that the key is in force is known here, for it was proved a moment ago.
            evidence = {
                "kind": EvidenceKind.SYSTEM_KEY.value,
                "key_id": str(key_id),
                "public_key": public,
                "signature": public_keys.shown(private.sign(statement.content)),
            }
            return await by_key(session, actor, evidence, at=at)(statement)

        return Signing(seal=seal)
