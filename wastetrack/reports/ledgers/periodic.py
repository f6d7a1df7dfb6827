"""The periodic reports of HJ 1259-2022 (tables C.1 to C.3): per waste what was made, treated, sent and stands, as
frozen figures and as a table. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from wastetrack.filings.model import DRAWN, ReportKind, ReportPeriod
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.figures import Words
from wastetrack.reports.tabular import Cell, Column, Document, MassUnit, Sheet, said

TITLES: Final = {
    ReportKind.MONTHLY: message("Monthly report of hazardous waste"),
    ReportKind.QUARTERLY: message("Quarterly report of hazardous waste"),
    ReportKind.YEARLY: message("Yearly report of hazardous waste"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """自行利用/处置情况: so much by a method."""

    method: str
    grams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contracted:
    """委托外单位利用/处置情况: so much to a receiver by a method."""

    region: str
    receiver: str
    permit_number: str
    method: str
    grams: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WasteFigures:
    """One waste code of a report; grams, exactly."""

    own_names: tuple[str, ...]
    official_name: str
    category: str
    waste_code: str
    harmful_components: tuple[str, ...]
    forms: tuple[str, ...]
    hazards: tuple[str, ...]
    start_g: int
    generated_g: int
    treated: tuple[Treated, ...]
    contracted: tuple[Contracted, ...]
    differences_g: int
    end_g: int

    @property
    def balanced(self) -> bool:
        """Whether the stock at the end follows from that at the start."""
        went = sum(one.grams for one in self.treated) + sum(one.grams for one in self.contracted)
        return self.start_g + self.generated_g + self.differences_g - went == self.end_g


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFigures:
    """The whole report. `agrees`: the mass ledger says the same, and every stock follows."""

    kind: str
    period: str
    firm: str
    credit_code: str
    site: str
    region: str
    wastes: tuple[WasteFigures, ...]
    agrees: bool

    def frozen(self) -> dict[str, Any]:
        """As it is kept and digested: only objects, lists, words and whole numbers."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def _plain(value: Any) -> Any:  # noqa: ANN401  whatever a figure is made of
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value


def thawed(frozen: Mapping[str, Any]) -> ReportFigures:
    """The figures of a report that was kept."""
    wastes = tuple(
        WasteFigures(
            **{
                **one,
                **{name: tuple(one[name]) for name in ("own_names", "harmful_components", "forms", "hazards")},
                "treated": tuple(Treated(**row) for row in one["treated"]),
                "contracted": tuple(Contracted(**row) for row in one["contracted"]),
            }
        )
        for one in frozen["wastes"]
    )
    return ReportFigures(**{**frozen, "wastes": wastes})


_CONTRACT_COLUMNS: Final = 5


def columns_of(kind: ReportKind) -> tuple[Column, ...]:
    """The columns of annex C."""
    tonnes = MassUnit.TONNE
    start, end = _STOCKS[kind]
    return (
        Column(said("No."), 0.4),
        Column(said("Own or trade name"), 1.1),
        Column(said("Name in the national list"), 1.7),
        Column(said("Category"), 0.7),
        Column(said("Waste code"), 0.95),
        Column(said("Harmful components"), 0.9),
        Column(said("Form"), 0.6),
        Column(said("Hazards"), 0.6),
        Column(said("Generated quantity"), 0.9, "right", tonnes),
        Column(said("Own use or disposal: method"), 0.8),
        Column(said("Own use or disposal: quantity"), 0.9, "right", tonnes),
        Column(said("Contracted: province"), 0.8),
        Column(said("Contracted: firm"), 1.3),
        Column(said("Contracted: permit number"), 1.1),
        Column(said("Contracted: method"), 0.7),
        Column(said("Contracted: quantity"), 0.9, "right", tonnes),
        Column(said(start), 0.9, "right", tonnes),
        Column(said(end), 0.9, "right", tonnes),
    )


_STOCKS: Final = {
    ReportKind.MONTHLY: (message("Stock at the end of last month"), message("Stock at the end of this month")),
    ReportKind.QUARTERLY: (message("Stock at the end of last quarter"), message("Stock at the end of this quarter")),
    ReportKind.YEARLY: (message("Stock at the end of last year"), message("Stock at the end of this year")),
}


def rows_of(wastes: Iterable[WasteFigures], forms: Mapping[str, Words]) -> tuple[tuple[Cell, ...], ...]:
    """The lines of the table: a waste that went several ways takes several, its own figures stand in the first."""
    rows: list[tuple[Cell, ...]] = []
    for index, one in enumerate(wastes, 1):
        lines = max(1, len(one.treated), len(one.contracted))
        rows += [_row(one, index, line, forms) for line in range(lines)]
    return tuple(rows)


def _row(one: WasteFigures, index: int, line: int, forms: Mapping[str, Words]) -> tuple[Cell, ...]:
    first = line == 0
    matter = [forms[form] for form in one.forms if form in forms]
    own: tuple[Cell, ...] = (
        index,
        "、".join(one.own_names),
        one.official_name,
        one.category,
        one.waste_code,
        "、".join(one.harmful_components),
        Words(zh="、".join(word.zh for word in matter), en=", ".join(word.en for word in matter)),
        "、".join(one.hazards),
        Mass(one.generated_g),
    )
    treated: tuple[Cell, ...] = (None, None)
    if line < len(one.treated):
        treated = (one.treated[line].method, Mass(one.treated[line].grams))
    contracted: tuple[Cell, ...] = (None,) * _CONTRACT_COLUMNS
    if line < len(one.contracted):
        to = one.contracted[line]
        contracted = (to.region, to.receiver, to.permit_number, to.method, Mass(to.grams))
    stock: tuple[Cell, ...] = (Mass(one.start_g), Mass(one.end_g)) if first else (None, None)
    return (*(own if first else (None,) * len(own)), *treated, *contracted, *stock)


def document(
    figures: ReportFigures, *, period: ReportPeriod, forms: Mapping[str, Words], printed_at: datetime, zone: str
) -> Document:
    """The report to print or to keep."""
    table = Words(zh=f"表 {DRAWN[period.kind]}", en=f"Table {DRAWN[period.kind]}")
    sheet = Sheet(table, columns_of(period.kind), rows_of(figures.wastes, forms), notes_of(figures.wastes))
    title = said(TITLES[period.kind])
    lines = (
        (said("Firm"), figures.firm),
        (said("Credit code"), figures.credit_code),
        (said("Site"), figures.site),
        (said("Period"), period.name),
    )
    return Document(
        Words(zh=f"{title.zh}（{period.name}）", en=f"{title.en} ({period.name})"), lines, (sheet,), printed_at, zone
    )


def notes_of(wastes: Sequence[WasteFigures]) -> tuple[Words, ...]:
    """At the foot: what changed a stock and is neither made, treated nor sent."""
    notes = [
        said(
            "{code}: of the stock, {mass} come from counting, weighing again or repacking.",
            code=one.waste_code,
            mass=Mass(one.differences_g).tonne_text(),
        )
        for one in wastes
        if one.differences_g
    ]
    return (*notes, said("The quantities are in tonnes (HJ 1259-2022, 5.5.1 e); a return is taken off what was sent."))
