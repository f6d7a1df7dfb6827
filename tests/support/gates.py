"""A gate's device as a program: its key, scans as it signs them, and the rows that it left."""

import base64
import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.served import Visitor
from tests.support.trade import API, Trade
from wastetrack import clock
from wastetrack.auth.model import Actor
from wastetrack.db.session import writing
from wastetrack.gates.documents import document_of
from wastetrack.gates.enrolling import enrol_device
from wastetrack.gates.model import EnrolDevice, KeptScan
from wastetrack.ids import new_id
from wastetrack.ledger.model import WeighingMethod


def base64url(raw: bytes) -> str:
    """As a browser writes it."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class PersonKey:
    """The key of somebody on one device."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> str:
        """The public half, as a browser writes it."""
        return base64url(self.raw)

    @property
    def raw(self) -> bytes:
        """The same as a point of P-256, uncompressed."""
        return self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def signed(self, scan: KeptScan) -> KeptScan:
        """The scan with its signature, as WebCrypto writes one."""
        r, s = decode_dss_signature(self._key.sign(scan.statement(), ec.ECDSA(SHA256())))
        return replace(scan, signature=r.to_bytes(32) + s.to_bytes(32))


class GateDevice:
    """An enrolled device in somebody's hands."""

    def __init__(self, visitor: Visitor, device_id: UUID, token: str, actor: Actor, key: PersonKey) -> None:
        self.visitor, self.id, self.token, self.actor, self.key = visitor, device_id, token, actor, key
        visitor.bearer = token

    def scan(self, manifest_id: str | None, label: str, **changes: Any) -> KeptScan:  # noqa: ANN401  any field
        """A signed scan: accepted just now, not weighed, but for some changes."""
        at: datetime = changes.pop("happened_at", clock.now())
        scan = KeptScan(
            scan_id=changes.pop("scan_id", None) or new_id(),
            device_id=changes.pop("device_id", self.id),
            membership_id=changes.pop("membership_id", self.actor.membership_id),
            manifest_id=None if manifest_id is None else UUID(manifest_id),
            label=label,
            gross_g=changes.pop("gross_g", None),
            method=WeighingMethod.PLATFORM_SCALE,
            scale_id="",
            uncertainty_g=None,
            reject_reason=changes.pop("reject_reason", ""),
            store_id=changes.pop("store_id", None),
            happened_at=at,
            happened_text=at.isoformat(),
            told=changes.pop("told", "accepted"),
        )
        assert not changes, changes
        return self.key.signed(scan)

    async def pack(self) -> dict[str, Any]:
        """What the device takes along."""
        answered = await self.visitor.get(f"{API}/gate/pack")
        assert answered.status_code == 200, answered.text
        found: dict[str, Any] = answered.json()
        return found

    async def replay(self, *scans: KeptScan, sent_at: datetime | None = None, expect: int = 200) -> list[Any]:
        """Send them; the answers in order."""
        body = {"sent_at": (sent_at or clock.now()).isoformat(), "scans": [document_of(scan) for scan in scans]}
        answered = await self.visitor.post(f"{API}/gate/scans", json=body)
        assert answered.status_code == expect, answered.text
        items: list[Any] = answered.json().get("items", [])
        return items


async def enrolled(trade: Trade, actor: Actor, name: str = "1 号门手机") -> GateDevice:
    """A device of the receiver's site, in this person's hands."""
    key = PersonKey()
    command = EnrolDevice(site_id=trade.world.receiver.site.id, name=name, public_key=key.public)
    async with writing(trade.served.owner) as session:
        done = await enrol_device(session, actor, command, holds_key=True, at=clock.now())
    return GateDevice(trade.served.visitor(), done.row.id, done.token, actor, key)


def digest(text: str) -> str:
    """How a device knows a label where it holds no key."""
    return hashlib.sha256(text.upper().encode()).hexdigest()
