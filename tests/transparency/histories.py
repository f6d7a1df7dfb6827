"""Example events, and one small history: made, loaded, received with a difference, treated."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from wastetrack.transparency.leaf import Event
from wastetrack.transparency.note import Signer

ORIGIN = "wastetrack.example/log"
SIGNER = Signer(ORIGIN, bytes(range(32)))
STRANGER = Signer(ORIGIN, bytes(32))
MORNING = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
SITE = UUID("01941f29-7c00-7000-8000-000000000001")
DISPOSER = UUID("01941f29-7c00-7000-8000-000000000002")
DRUM = UUID("01941f29-7c00-7000-8000-000000000003")
MANIFEST = UUID("01941f29-7c00-7000-8000-000000000004")
OIL = "900-249-08"


def event_id(number: int) -> UUID:
    """The id of the numbered event."""
    return UUID(int=0x01941F29_7C01_7000_8000_000000000000 + number)


def event(
    number: int = 1,
    kind: str = "container.filled",
    *,
    subjects: Sequence[UUID] = (DRUM,),
    facts: Mapping[str, object] | None = None,
    postings: Sequence[tuple[str, str, int]] = (),
    personal: Mapping[str, object] | None = None,
    recorded_at: datetime | None = None,
) -> Event:
    """An event with everything filled in."""
    at = recorded_at or MORNING + timedelta(minutes=number)
    return Event(
        id=event_id(number),
        kind=kind,
        subjects=tuple(subjects),
        happened_at=at - timedelta(seconds=5),
        recorded_at=at,
        facts=dict(facts or {}),
        postings=tuple(postings),
        personal=personal,
    )


def history() -> list[Event]:
    """A drum of waste oil from the workshop to the incinerator; two kilograms are missing at the gate."""
    road = f"in_transit@{MANIFEST}"
    return [
        event(
            1,
            facts={"label": "37060220260302001", "note": '废矿物油 "A"\n半满'},
            postings=[(f"stored@{SITE}", OIL, 182_000), (f"generated@{SITE}", OIL, -182_000)],
        ),
        event(2, "manifest.filed", subjects=(MANIFEST, DRUM), facts={"number": "20263706000001"}),
        event(
            3,
            "manifest.picked_up",
            subjects=(MANIFEST, DRUM),
            facts={"declared_g": 182_000, "sealed": True},
            postings=[(road, OIL, 182_000), (f"stored@{SITE}", OIL, -182_000)],
            personal={"driver": "王小明", "phone": "13800000000"},
        ),
        event(
            4,
            "container.received",
            subjects=(MANIFEST, DRUM),
            facts={"measured_g": 180_000, "scale": "S-7", "uncertainty_g": 100},
            postings=[
                (f"stored@{DISPOSER}", OIL, 180_000),
                (f"discrepancy@{MANIFEST}:weighing", OIL, 2_000),
                (road, OIL, -182_000),
            ],
        ),
        event(
            5,
            "container.treated",
            facts={"method": "D10"},
            postings=[(f"treated@{DISPOSER}:D10", OIL, 180_000), (f"stored@{DISPOSER}", OIL, -180_000)],
        ),
    ]
