"""What a signer gives, as the evidence of his event. Evidence that a third party could not verify is never written."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID

from webauthn.helpers import bytes_to_base64url

from wastetrack.auth.model import Actor
from wastetrack.auth.system_keys import verify_system_signature
from wastetrack.containers.statements import Statement
from wastetrack.db.session import WriteSession
from wastetrack.errors import RuleBroken
from wastetrack.manifests import signing_keys
from wastetrack.transparency.errors import EvidenceRefused
from wastetrack.transparency.evidence import EvidenceKind, examine

Evidence = Callable[[Statement], Awaitable[Mapping[str, object]]]


def vouched(kind: EvidenceKind) -> Evidence:
    """For a factor that leaves nothing to be verified: the server says that it was given."""

    async def seal(_statement: Statement) -> Mapping[str, object]:
        return {"kind": kind.value}

    return seal


def by_key(session: WriteSession, actor: Actor, evidence: Mapping[str, object], *, at: datetime) -> Evidence:
    """For an assertion of a passkey, or the signature of a system's key: verified as a stranger would; and the key is
    stated in the log before the event. Raises RuleBroken at the field `factor`."""

    async def seal(statement: Statement) -> Mapping[str, object]:
        try:
            shown = examine(evidence, statement.content)
        except EvidenceRefused as refused:
            raise RuleBroken((refused.as_broken("factor", None),)) from refused
        assert shown.key is not None  # noqa: S101  both kinds name theirs
        await signing_keys.state(session, actor, shown.kind, shown.key, at=at)
        return evidence

    return seal


def by_system(session: WriteSession, actor: Actor, key_id: UUID, signature: bytes, *, at: datetime) -> Evidence:
    """For a system: its registered key over the statement. Raises RuleBroken at the field `factor`."""

    async def seal(statement: Statement) -> Mapping[str, object]:
        key = await verify_system_signature(
            session, actor, key_id=key_id, statement=statement.content, signature=signature, at=at
        )
        evidence = {
            "kind": EvidenceKind.SYSTEM_KEY.value,
            "key_id": str(key.id),
            "public_key": bytes_to_base64url(key.public_key),
            "signature": bytes_to_base64url(signature),
        }
        return await by_key(session, actor, evidence, at=at)(statement)

    return seal
