"""The ledgers as tables in the columns of HJ 1259-2022, annex B."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from wastetrack.containers.model import Packaging
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.figures import Words
from wastetrack.reports.ledgers.model import Balance, LedgerKind, LedgerLine, Period
from wastetrack.reports.tabular import Cell, Column, Document, MassUnit, Sheet, named, said

TITLES: Final = {
    LedgerKind.GENERATED: message("Ledger of generation"),
    LedgerKind.STORED: message("Ledger of storing"),
    LedgerKind.TAKEN_OUT: message("Ledger of taking out"),
    LedgerKind.TREATED: message("Ledger of own use and disposal"),
    LedgerKind.CONTRACTED_OUT: message("Ledger of contracted use and disposal"),
}
DRAWN: Final = {
    LedgerKind.GENERATED: "B.1",
    LedgerKind.STORED: "B.2",
    LedgerKind.TAKEN_OUT: "B.3",
    LedgerKind.TREATED: "B.4",
    LedgerKind.CONTRACTED_OUT: "B.5",
}
Names = Callable[[str, date], str]
"""The official name of a waste code on a day."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name for programs, its heading, its share of the width, and how a line fills it."""

    name: str
    title: str
    weight: float
    of: Callable[[LedgerLine, Names], Cell]
    unit: MassUnit | None = None

    def column(self, kind: LedgerKind) -> Column:
        """As it is drawn; some headings differ by ledger."""
        title = _OWN_HEADINGS.get((kind, self.name), self.title)
        return Column(said(title), self.weight, "right" if self.unit else "left", self.unit)


def _batch(line: LedgerLine, _: Names) -> Cell:
    return line.batch or said("being numbered")


def _name(line: LedgerLine, _: Names) -> Cell:
    return line.own_name


def _official(line: LedgerLine, names: Names) -> Cell:
    return names(line.waste_code, line.day)


def _packaging(line: LedgerLine, _: Names) -> Cell:
    return named(Packaging(line.packaging)) if line.packaging else ""


def _count(line: LedgerLine, _: Names) -> Cell:
    """One container a line; a line that corrects another counts none again."""
    return 0 if line.corrects else 1


def _time(line: LedgerLine, _: Names) -> Cell:
    """The moment; where the act is told by its day alone, and on another day than it was recorded, that day."""
    return line.happened_at if line.is_of_its_moment else line.day


def _finished(line: LedgerLine, _: Names) -> Cell:
    return line.finished_at or line.day


def _destination(line: LedgerLine, _: Names) -> Cell:
    if line.destination or line.whereto is None:
        return line.destination
    return named(line.whereto)


def _store_type(line: LedgerLine, _: Names) -> Cell:
    return "" if line.store_kind is None else named(line.store_kind)


def _receiver_type(line: LedgerLine, _: Names) -> Cell:
    return "" if line.receiver_type is None else named(line.receiver_type)


def _links(line: LedgerLine, _: Names) -> Cell:
    return "、".join(line.links)


def _told(name: str) -> Callable[[LedgerLine, Names], Cell]:
    def of(line: LedgerLine, _: Names) -> Cell:
        told: str = getattr(line, name)
        return told

    return of


_BATCH: Final = Field("batch", message("Batch code"), 1.5, _batch)
_TIME: Final = Field("time", message("Time"), 1.1, _time)
_WASTE: Final = (
    Field("own_name", message("Own or trade name"), 1.0, _name),
    Field("official_name", message("Name in the national list"), 1.7, _official),
    Field("category", message("Category"), 0.7, _told("category")),
    Field("waste_code", message("Waste code"), 0.95, _told("waste_code")),
)
_MASS: Final = Field("quantity", message("Quantity"), 0.95, lambda line, _: line.mass, MassUnit.TONNE)
_UNIT: Final = Field("unit", message("Unit of measure"), 0.55, lambda _line, _: said("tonne"))
_CONTAINER: Final = (
    Field("container_code", message("Container code"), 1.7, _told("digital_code")),
    Field("container_type", message("Container type"), 0.7, _packaging),
    Field("container_count", message("Number of containers"), 0.6, _count),
)
_STORE: Final = (
    Field("store_code", message("Code of the store"), 0.8, _told("store_code")),
    Field("store_type", message("Type of the store"), 0.9, _store_type),
)
_CARRIER: Final = Field(
    "carrier_handler", message("Handler of the department that carries it"), 0.8, _told("carrier_handler")
)
_HANDLER: Final = Field("handler", message("Handler of the department"), 0.8, _told("handler"))
_DESTINATION: Final = Field("destination", message("Destination"), 1.0, _destination)
_LINKS: Final = Field("links", message("Batches before"), 1.5, _links)
_METHOD: Final = Field("method", message("Method of use or disposal"), 0.7, _told("method"))

FIELDS: Final[dict[LedgerKind, tuple[Field, ...]]] = {
    LedgerKind.GENERATED: (
        _BATCH,
        _TIME,
        *_WASTE,
        _MASS,
        _UNIT,
        *_CONTAINER,
        Field("facility_code", message("Code of the facility that made it"), 0.8, _told("facility_code")),
        _HANDLER,
        _DESTINATION,
    ),
    LedgerKind.STORED: (_BATCH, _TIME, *_CONTAINER, *_WASTE, _MASS, _UNIT, *_STORE, _CARRIER, _HANDLER, _LINKS),
    LedgerKind.TAKEN_OUT: (
        _BATCH,
        _TIME,
        *_CONTAINER,
        *_WASTE,
        _MASS,
        _UNIT,
        *_STORE,
        _HANDLER,
        _CARRIER,
        _LINKS,
        _DESTINATION,
    ),
    LedgerKind.TREATED: (
        _BATCH,
        _TIME,
        *_CONTAINER,
        *_WASTE,
        _MASS,
        _UNIT,
        Field("facility_code", message("Code of the facility that treated it"), 0.8, _told("facility_code")),
        _METHOD,
        Field("finished", message("Finished"), 1.1, _finished),
        _HANDLER,
        _LINKS,
    ),
    LedgerKind.CONTRACTED_OUT: (
        _BATCH,
        _TIME,
        *_CONTAINER,
        *_WASTE,
        _MASS,
        _UNIT,
        _METHOD,
        Field("receiver_type", message("Type of the receiver"), 0.9, _receiver_type),
        Field("receiver", message("Receiver"), 1.2, _told("receiver")),
        Field("permit_number", message("Permit number"), 1.1, _told("permit_number")),
        Field("manifest_number", message("Manifest number"), 1.1, _told("manifest_number")),
        _LINKS,
    ),
}
"""By the order of annex B; the manifest's number is ours."""

_OWN_HEADINGS: Final[dict[tuple[LedgerKind, str], str]] = {
    (LedgerKind.GENERATED, "batch"): message("Batch code of generation"),
    (LedgerKind.STORED, "batch"): message("Batch code of storing"),
    (LedgerKind.TAKEN_OUT, "batch"): message("Batch code of taking out"),
    (LedgerKind.TREATED, "batch"): message("Batch code of own use or disposal"),
    (LedgerKind.CONTRACTED_OUT, "batch"): message("Batch code of contracted use or disposal"),
    (LedgerKind.GENERATED, "time"): message("Time of generation"),
    (LedgerKind.STORED, "time"): message("Time of storing"),
    (LedgerKind.TAKEN_OUT, "time"): message("Time of taking out"),
    (LedgerKind.TREATED, "time"): message("Time of use or disposal"),
    (LedgerKind.CONTRACTED_OUT, "time"): message("Time of leaving the plant"),
    (LedgerKind.GENERATED, "quantity"): message("Generated quantity"),
    (LedgerKind.STORED, "quantity"): message("Stored quantity"),
    (LedgerKind.TAKEN_OUT, "quantity"): message("Taken out quantity"),
    (LedgerKind.TREATED, "quantity"): message("Treated quantity"),
    (LedgerKind.CONTRACTED_OUT, "quantity"): message("Contracted quantity"),
    (LedgerKind.GENERATED, "handler"): message("Handler of the department that made it"),
    (LedgerKind.STORED, "handler"): message("Handler of the storing department"),
    (LedgerKind.TAKEN_OUT, "handler"): message("Handler of the department that takes it out"),
    (LedgerKind.TREATED, "handler"): message("Handler of the department that treats it"),
    (LedgerKind.STORED, "links"): message("Batch codes of generation"),
    (LedgerKind.TAKEN_OUT, "links"): message("Batch codes of storing"),
    (LedgerKind.TREATED, "links"): message("Batch codes of generation or of taking out"),
    (LedgerKind.CONTRACTED_OUT, "links"): message("Batch codes of generation or of taking out"),
}


def cells(line: LedgerLine, names: Names) -> tuple[Cell, ...]:
    """A line in the columns of its ledger."""
    return tuple(field.of(line, names) for field in FIELDS[line.kind])


def sheet(kind: LedgerKind, lines: Sequence[LedgerLine], names: Names, notes: tuple[Words, ...] = ()) -> Sheet:
    """One ledger, each line with its number."""
    number = Column(said("No."), 0.4)
    columns = (number, *(field.column(kind) for field in FIELDS[kind]))
    rows = tuple((index, *cells(line, names)) for index, line in enumerate(lines, 1))
    return Sheet(said(TITLES[kind]), columns, rows, notes)


def check_notes(balances: Sequence[Balance]) -> tuple[Words, ...]:
    """At the foot of a ledger: the totals by waste code and whether the mass ledger says the same."""
    notes = []
    for one in balances:
        told = one.told
        sentence = (
            "{code}: start {start}, generated {generated}, received {received}, treated {treated}, contracted out "
            "{out}, differences {differences}, end {end}."
        )
        facts = {
            "start": told.start.tonne_text(),
            "generated": told.generated.tonne_text(),
            "received": told.received.tonne_text(),
            "treated": told.treated.tonne_text(),
            "out": told.contracted_out.tonne_text(),
            "differences": told.differences.tonne_text(),
            "end": told.end.tonne_text(),
        }
        agrees = (
            "The mass ledger says the same." if one.agrees else "The mass ledger says otherwise: {standing} stands."
        )
        checked = said(agrees, standing=one.standing.tonne_text())
        words = said(sentence, code=one.waste_code, **facts)
        notes.append(Words(zh=words.zh + checked.zh, en=f"{words.en} {checked.en}"))
    return tuple(notes)


def document(
    sheets: Sequence[Sheet], *, firm: str, site: str, credit_code: str, period: Period, printed_at: datetime, zone: str
) -> Document:
    """The ledgers of a site and a period, to print."""
    days = f"{period.since.isoformat()} – {period.until.isoformat()}"
    lines = ((said("Firm"), firm), (said("Credit code"), credit_code), (said("Site"), site), (said("Period"), days))
    title = sheets[0].title if len(sheets) == 1 else said("Ledgers of hazardous waste")
    return Document(title, lines, tuple(sheets), printed_at, zone)


def total(lines: Sequence[LedgerLine]) -> Mass:
    """The sum of a ledger."""
    return Mass(sum(line.mass.grams for line in lines))
