"""Fills the ledgers of a site from the log and the mass ledger, in a fixed number of statements.

Who may open a site's books is decided before (reports/books.py); the database shows nobody more than that either.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from wastetrack.db.session import ReadSession
from wastetrack.mass import Mass
from wastetrack.parties.storerooms import StoreKind
from wastetrack.reports.ledgers import statements
from wastetrack.reports.ledgers.model import (
    USES,
    Balance,
    LedgerKind,
    LedgerLine,
    Movements,
    Period,
    ReceiverType,
    Whereto,
)

EVERYTHING: Final = 1_000_000
_NEXT: Final = {
    "stored": Whereto.STORE,
    "sent": Whereto.RECEIVER,
    "left": Whereto.RECEIVER,
    "treated": Whereto.TREATMENT,
    "repacked": Whereto.REPACKING,
    "recoded": Whereto.RECODING,
    "counted": Whereto.MISSING,
}
_TYPES: Final = {"exempt": ReceiverType.EXEMPT_USER, "point_to_point": ReceiverType.EXEMPT_USER}
_BRIDGES: Final = frozenset({"discrepancy", "opening", "reclassified"})


async def lines_of(
    session: ReadSession,
    site_id: UUID,
    kind: LedgerKind,
    period: Period,
    *,
    waste_code: str | None = None,
    offset: int = 0,
    limit: int = EVERYTHING,
) -> list[LedgerLine]:
    """The lines of one ledger in a period, by day and batch."""
    rows = await (await session.driver()).fetch(
        statements.SHOWN, site_id, USES, period.since, period.until, kind.value, waste_code, offset, limit
    )
    return [_line(row) for row in rows]


def _line(row: Mapping[str, Any]) -> LedgerLine:
    whereto = _NEXT.get(row["whereto"] or "")
    destination = row["destination"] or _destination(whereto, row)
    outside = row["kind"] == LedgerKind.CONTRACTED_OUT.value
    return LedgerLine(
        kind=LedgerKind(row["kind"]),
        batch=row["batch"],
        event_id=row["event_id"],
        day=row["day"],
        happened_at=row["happened_at"],
        container_id=row["container_id"],
        digital_code=row["digital_code"],
        packaging=row["packaging"],
        waste_code=row["waste_code"],
        waste_name=row["waste_name"],
        own_name=row["own_name"] or row["waste_name"],
        mass=Mass(row["grams"]),
        corrects=row["corrects"],
        store_code=row["store_code"],
        store_kind=None if row["store_kind"] is None else StoreKind(row["store_kind"]),
        facility_code=row["facility_code"],
        handler=row["handler"] or "",
        carrier_handler=row["carrier_handler"] or "",
        destination=destination,
        whereto=whereto,
        method=row["method"],
        finished_at=row["finished_at"],
        receiver=row["receiver"] if outside else "",
        receiver_type=_TYPES.get(row["basis"], ReceiverType.PERMIT_HOLDER) if outside and row["basis"] else None,
        receiver_region=row["receiver_region"] if outside else "",
        permit_number=row["permit_number"] if outside else "",
        manifest_number=row["manifest_number"],
        links=tuple(link for link in row["links"] if link),
    )


def _destination(whereto: Whereto | None, row: Mapping[str, Any]) -> str:
    """The name of where it went, if nobody wrote it down; a word for the way alone stands in `whereto`."""
    match whereto:
        case Whereto.STORE:
            return str(row["target_store"] or "")
        case Whereto.RECEIVER:
            return str(row["receiver"])
        case _:
            return ""


async def balances(session: ReadSession, site_id: UUID, period: Period) -> tuple[list[Balance], dict[str, int]]:
    """Per waste code what the ledgers say beside what the mass ledger says, and how many lines each ledger has."""
    driver = await session.driver()
    told = await driver.fetch(statements.SUMS, site_id, USES, period.since, period.until)
    booked = await driver.fetch(statements.BOOKED, site_id, period.since, period.until)
    counts: dict[str, int] = defaultdict(int)
    for row in told:
        if row["own"]:
            counts[row["kind"]] += row["lines"]
    return _compare(told, booked), dict(counts)


_Sums = dict[tuple[str, str, bool], int]
"""By code, movement, and whether it was before the period."""


def _compare(told: list[Any], booked: list[Any]) -> list[Balance]:
    said, posted, standing = _sums_told(told), defaultdict[tuple[str, str, bool], int](int), defaultdict[str, int](int)
    for row in booked:
        code, before, grams = row["waste_code"], row["before"], row["grams"]
        if row["kind"] in {"generated", "residue_source"}:
            posted[code, "generated", before] -= grams
        elif row["kind"] == "sent_out":
            posted[code, "contracted_out", before] += grams
        elif row["kind"] == "treated":
            posted[code, "treated", before] += grams
        elif row["kind"] in _BRIDGES:
            posted[code, "differences", before] -= grams
            said[code, "differences", before] -= grams
        elif row["kind"] == "stored":
            standing[code] += grams
            if row["way"] == "received":
                posted[code, "received", before] += grams
            elif row["way"] is not None:
                posted[code, "contracted_out", before] -= grams
    codes = sorted({code for code, _, _ in (*said, *posted)} | set(standing))
    return [
        Balance(
            waste_code=code,
            told=_movements(code, said),
            booked=_movements(code, posted),
            standing=Mass(standing[code]),
        )
        for code in codes
    ]


def _sums_told(told: list[Any]) -> _Sums:
    said: _Sums = defaultdict(int)
    for row in told:
        if row["kind"] in {"generated", "received", "treated", "contracted_out"}:
            said[row["waste_code"], row["kind"], row["before"]] += row["grams"]
    return said


def _movements(code: str, sums: _Sums) -> Movements:
    def total(name: str, *, before: bool) -> int:
        return sums.get((code, name, before), 0)

    came = sum(total(name, before=True) for name in ("generated", "received", "differences"))
    went = sum(total(name, before=True) for name in ("treated", "contracted_out"))
    return Movements(
        start=Mass(came - went),
        generated=Mass(total("generated", before=False)),
        received=Mass(total("received", before=False)),
        treated=Mass(total("treated", before=False)),
        contracted_out=Mass(total("contracted_out", before=False)),
        differences=Mass(total("differences", before=False)),
    )
