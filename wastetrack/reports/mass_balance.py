"""The mass balance of sites by waste code and period: what was there, what came and went, what is there.

The movements are the ledger's postings to the stock of a site, by the fact that each entry states; so opening and
movements add up to the closing, to the gram. `agrees` compares that with what the account itself holds, which
the database keeps on its own, as far as the period reaches to now.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.db.session import ReadSession
from wastetrack.mass import Mass
from wastetrack.reports.figures import Words
from wastetrack.reports.tabular import Cell, Column, Document, MassUnit, Sheet, named, said


class BalanceColumn(StrEnum):
    """What a balance tells, in its order; the last is told beside it."""

    OPENING = "opening"
    GENERATED = "generated"
    RECEIVED = "received"
    RESIDUE = "residue"
    RECODED = "recoded"
    SHIPPED = "shipped"
    TREATED = "treated"
    DISCREPANCY = "discrepancy"
    CLOSING = "closing"
    LESS_ON_ARRIVAL = "less_on_arrival"


COLUMNS: Final = tuple(BalanceColumn)
MOVEMENTS: Final = COLUMNS[1:-2]
_COLUMN_OF: Final = {
    "generated": "generated",
    "reweighed": "generated",
    "gathered": "generated",
    "opened": "generated",
    "received": "received",
    "sent_back": "received",
    "residue": "residue",
    "reclassified": "recoded",
    "picked_up": "shipped",
    "sent_out": "shipped",
    "treated": "treated",
    "repacked": "discrepancy",
    "stock_taken": "discrepancy",
    "missing": "discrepancy",
    "found": "discrepancy",
}
"""Kind of entry → column; `moved` goes to whichever its direction says."""
_BALANCE = "select site_id, waste_code, fact, grams from mass_balance($1, $2, $3, $4)"
_NAMED = """
select site.id, site.name, site.region_code, firm.id as firm_id, firm.name as firm
from sites site join organisations firm on firm.id = site.organisation_id where site.id = any($1)
"""


@dataclass(slots=True)
class Line:
    """The balance of one code at one site, or a sum of such. Grams; what went out is negative."""

    site_id: UUID | None
    site: str
    firm_id: UUID | None
    firm: str
    region_code: str
    waste_code: str
    grams: dict[str, int] = field(default_factory=lambda: dict.fromkeys(map(str, COLUMNS), 0))
    balance_g: int = 0
    """What the account holds now."""

    @property
    def closing_g(self) -> int:
        """What opening and movements add up to."""
        return self.grams["opening"] + sum(self.grams[name] for name in MOVEMENTS)

    def mass(self, name: str) -> Mass:
        """A column."""
        return Mass(self.grams[name])

    @property
    def turnover_g(self) -> int:
        """How much moved, by which lines are ranked."""
        return sum(abs(self.grams[name]) for name in MOVEMENTS) + self.grams["closing"]


@dataclass(frozen=True, slots=True)
class Balance:
    """The lines of a period, the largest first, and their sum."""

    since: date
    until: date
    lines: tuple[Line, ...]
    total: Line
    agrees: bool | None
    """Whether each closing is what the account holds; None where the period ended before now."""


def column_of(fact: str) -> str:
    """`received+`, `moved-` → its column."""
    kind, way = fact[:-1], fact[-1]
    if kind == "moved":
        return "received" if way == "+" else "shipped"
    return _COLUMN_OF[kind]


def midnight(day: date) -> datetime:
    """When a day of the law begins."""
    return datetime.combine(day, time(), tzinfo=LEGAL_ZONE)


async def balance_of(
    session: ReadSession,
    *,
    since: date,
    until: date,
    site_id: UUID | None = None,
    region: str = "",
    code: str = "",
    at: datetime,
) -> Balance:
    """The balance of the sites that these eyes watch or own, `since` and `until` both included; two statements."""
    driver = await session.driver()
    rows = await driver.fetch(_BALANCE, midnight(since), midnight(until + timedelta(days=1)), site_id, region)
    known = {row["id"]: row for row in await driver.fetch(_NAMED, list({row["site_id"] for row in rows}))}
    lines: dict[tuple[UUID, str], Line] = {}
    for row in rows:
        if not row["waste_code"].startswith(code) and code not in row["waste_code"]:
            continue
        site = known[row["site_id"]]
        line = lines.setdefault(
            (row["site_id"], row["waste_code"]),
            Line(site["id"], site["name"], site["firm_id"], site["firm"], site["region_code"], row["waste_code"]),
        )
        if row["fact"] == "balance":
            line.balance_g = row["grams"]
        else:
            fact = row["fact"]
            line.grams[fact if fact in line.grams else column_of(fact)] += row["grams"]
    for line in lines.values():
        line.grams["closing"] = line.closing_g
    told = sorted(
        (line for line in lines.values() if any(line.grams.values())),
        key=lambda line: (-line.turnover_g, line.firm, line.site, line.waste_code),
    )
    reaches_now = midnight(until + timedelta(days=1)) > at
    agrees = all(line.grams["closing"] == line.balance_g for line in lines.values()) if reaches_now else None
    return Balance(since, until, tuple(told), total_of(told), agrees)


def total_of(lines: Iterable[Line]) -> Line:
    """The sum of lines, of whatever code: masses as such."""
    total = Line(None, "", None, "", "", "")
    for line in lines:
        for name, grams in line.grams.items():
            total.grams[name] += grams
        total.balance_g += line.balance_g
    return total


def document_of(balance: Balance, *, printed_at: datetime, zone: str) -> Document:
    """The balance as a table to keep."""
    columns = (
        Column(said("Firm"), 2),
        Column(said("Site"), 2),
        Column(said("Region")),
        Column(said("Waste code")),
        *(Column(named(name), align="right", unit=MassUnit.KILOGRAM) for name in COLUMNS),
    )
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (line.firm, line.site, line.region_code, line.waste_code, *(line.mass(name) for name in COLUMNS))
        for line in (*balance.lines, balance.total)
    )
    title = said("Mass balance")
    period = f"{balance.since.isoformat()} – {balance.until.isoformat()}"
    return Document(title, ((said("Period"), period),), (Sheet(title, columns, rows, notes()),), printed_at, zone)


def notes() -> tuple[Words, ...]:
    """What the reader has to know."""
    return (
        said("Opening and movements add up to the closing; what went out is negative. The last line is the sum."),
        said("What arrived lighter than declared never was in this stock; it is told beside it."),
    )
