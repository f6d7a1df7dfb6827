"""Rows of containers: each becomes the command that the form gives too, and is judged by the same rules."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.labelling import check_day, check_description, check_label
from wastetrack.containers.labelling_many import Judge, Told, label_many, why_not_label
from wastetrack.containers.ledger_facts import Generation
from wastetrack.containers.model import (
    Description,
    Form,
    LabelContainer,
    Packaging,
    Packed,
    Weighing,
    check_volume,
    check_weighing,
)
from wastetrack.containers.opening_stock import (
    OpenStock,
    check_closed,
    check_day_of_old,
    check_old,
    open_many,
    opening_closed_at,
)
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken
from wastetrack.i18n import message
from wastetrack.imports.model import Finding, Severity
from wastetrack.imports.rows import Row, Table, located
from wastetrack.imports.values import folded
from wastetrack.ledger.model import WeighingMethod
from wastetrack.mass import ZERO, Mass
from wastetrack.parties import queries as parties

_ASKED_BACK = frozenset({"mass_too_light"})
"""What the form asks back and a yes allows: a warning, which whoever confirms the import answers."""
_HEAVY_G_PER_L = 3_000
"""Heavier than slag and most salts: perhaps a slipped unit, perhaps lead."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a row became."""

    row: int
    subject_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Containers:
    """What a file of containers asks for: the commands by row."""

    site_id: UUID
    commands: Mapping[int, LabelContainer]

    def summary(self) -> dict[str, object]:
        """What would be made, for the preview and the confirmation."""
        masses: dict[str, Mass] = {}
        counts: Counter[str] = Counter()
        for command in self.commands.values():
            code = command.description.waste_code
            masses[code] = masses.get(code, ZERO) + command.weighing.net
            counts[code] += 1
        wastes = [{"code": code, "count": counts[code], "net_g": masses[code].grams} for code in sorted(masses)]
        return {"count": len(self.commands), "net_g": sum(mass.grams for mass in masses.values()), "wastes": wastes}

    async def make(self, session: WriteSession, actor: Actor, *, at: datetime, told: Told) -> list[Made]:
        """Take all of them in, in this transaction. Whoever confirmed has answered the warnings."""
        rows = await label_many(session, actor, self.site_id, list(self.commands.values()), at=at, told=told)
        return [Made(number, row.id, row.digital_code) for number, row in zip(self.commands, rows, strict=True)]


@dataclass(frozen=True, slots=True)
class Stock(Containers):
    """What a file of opening stock asks for; `reasons` by row, where the opening is closed."""

    reasons: Mapping[int, str]

    async def make(self, session: WriteSession, actor: Actor, *, at: datetime, told: Told) -> list[Made]:
        """Take all of them in, each since its own day."""
        commands = [OpenStock(container=one, reason=self.reasons[number]) for number, one in self.commands.items()]
        rows = await open_many(session, actor, self.site_id, commands, at=at, told=told)
        return [Made(number, row.id, row.digital_code) for number, row in zip(self.commands, rows, strict=True)]


async def check(
    session: WriteSession,
    actor: Actor,
    site_id: UUID,
    table: Table,
    *,
    findings: list[Finding],
    at: datetime,
    told: Told,
) -> Containers:
    """The commands of the rows; every rule that one breaks is added to the findings at its cell."""
    return Containers(site_id, await _judged(session, actor, site_id, table, _NEW, findings=findings, at=at, told=told))


async def check_stock(
    session: WriteSession,
    actor: Actor,
    site_id: UUID,
    table: Table,
    *,
    findings: list[Finding],
    at: datetime,
    told: Told,
) -> Stock:
    """The same for containers that stood there before the records."""
    closed_at = await opening_closed_at(session, site_id)
    for row in table.rows:
        wrong = check_closed(closed_at, row.get("reason"))
        findings += [located(table.layout, row.number, one) for one in wrong]
    commands = await _judged(session, actor, site_id, table, _OLD, findings=findings, at=at, told=told)
    return Stock(site_id, commands, {row.number: row.get("reason") for row in table.rows})


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules of a container, and those of its day and code as far as they can be told of one that is half read."""

    judge: Judge
    day: Callable[[date, datetime], Sequence[Broken]]
    by_list_of_today: bool


_NEW = _Rules(check_label, check_day, by_list_of_today=False)
_OLD = _Rules(check_old, check_day_of_old, by_list_of_today=True)


async def _judged(
    session: WriteSession,
    actor: Actor,
    site_id: UUID,
    table: Table,
    rules: _Rules,
    *,
    findings: list[Finding],
    at: datetime,
    told: Told,
) -> dict[int, LabelContainer]:
    rows, layout = table.rows, table.layout
    lists = await catalogues.snapshot(session)
    stores = {folded(store.code).upper(): store.id for store in await parties.stores_of(session, actor, site_id)}
    commands: dict[int, LabelContainer] = {}
    for row in rows:
        store_id = stores.get(row.get("store_id"))
        if row.get("store_id") and store_id is None:
            findings.append(located(layout, row.number, _no_store(row.get("store_id"))))
        if row.is_sound and (store_id is not None or not row.get("store_id")):
            commands[row.number] = _command(site_id, store_id, row)
        else:
            findings += [located(layout, row.number, broken) for broken in _as_far_as_read(lists, row, rules, at)]
    found = await why_not_label(
        session, actor, site_id, commands, at=at, told=told, asked_back=_ASKED_BACK, judge=rules.judge
    )
    for number, broken in found.items():
        findings += [located(layout, number, one, _severity(one)) for one in broken]
    bad = {number for number, broken in found.items() if any(_severity(one) is Severity.ERROR for one in broken)}
    findings += [
        located(layout, number, _heavy(command), Severity.WARNING)
        for number, command in commands.items()
        if number not in bad and command.weighing.net.grams > command.volume_l * _HEAVY_G_PER_L
    ]
    return {number: command for number, command in commands.items() if number not in bad}


def _command(site_id: UUID, store_id: UUID | None, row: Row) -> LabelContainer:
    return LabelContainer(
        site_id=site_id,
        store_id=store_id,
        description=_description(row),
        packaging=Packaging(row.get("packaging")),
        volume_l=row.get("volume_l"),
        weighing=_weighing(row),
        generated_on=row.get("generated_on"),
        packed=Packed(
            department=row.get("department"),
            layers=row.get("layers", 1),
            filled_percent=row.get("filled_percent", None),
            highly_infectious=row.get("highly_infectious", False),
        ),
        generation=Generation(
            trade_name=row.get("trade_name"),
            facility_code=row.get("facility_code"),
            destination=row.get("destination"),
            handler=row.get("handler"),
        ),
    )


def _description(row: Row) -> Description:
    return Description(
        waste_code=row.get("waste_code"),
        waste_name=row.get("waste_name"),
        form=Form(row.get("form", Form.SOLID)),
        hazards=row.get("hazards", ()),
        main_components=row.get("main_components"),
        harmful_components=row.get("harmful_components"),
        precautions=row.get("precautions"),
        remarks=row.get("remarks"),
    )


def _weighing(row: Row) -> Weighing:
    return Weighing(
        gross=row.get("gross_g"),
        tare=row.get("tare_g"),
        method=WeighingMethod(row.get("method", WeighingMethod.PLATFORM_SCALE)),
        scale_id=row.get("scale_id") or None,
    )


def _as_far_as_read(lists: Catalogue, row: Row, rules: _Rules, at: datetime) -> list[Broken]:
    """The rules that need no cell that could not be read: whoever mends the file is told of all at once."""
    broken: list[Broken] = []
    have = row.values.keys()
    if {"volume_l", "packaging"} <= have:
        broken += check_volume(row.get("volume_l"), Packaging(row.get("packaging")))
    if {"gross_g", "tare_g", "volume_l"} <= have:
        broken += [one for one in check_weighing(_weighing(row), row.get("volume_l")) if one.code not in _ASKED_BACK]
    if "waste_code" in have:
        on = legal_day(at) if rules.by_list_of_today else row.get("generated_on", legal_day(at))
        said = check_description(lists, _description(row), on=on)
        # Of what could not be read there is a finding already; what is missing for that reason is none.
        broken += [one for one in said if one.field in have]
    if "generated_on" in have:
        broken += rules.day(row.get("generated_on"), at)
    return broken


def _severity(broken: Broken) -> Severity:
    return Severity.WARNING if broken.code in _ASKED_BACK else Severity.ERROR


def _no_store(code: str) -> Broken:
    return Broken(
        "store_id",
        "store_unknown_here",
        message("The site has no store {value}."),
        code,
        next_step=message("Give the code of a store of the site, or leave the cell empty."),
    )


def _heavy(command: LabelContainer) -> Broken:
    net, volume = command.weighing.net, command.volume_l
    density = (Decimal(net.grams) / volume / 1000).quantize(Decimal("0.1"))
    return Broken(
        "gross_g",
        "mass_doubtful",
        message("{net} in {volume_l} L is {density} kg to the litre."),
        command.weighing.gross.grams,
        next_step=message("Check whether the unit has slipped: kilograms typed as tonnes."),
        facts={"net": net.kg_text(), "volume_l": volume, "density": str(density)},
    )
