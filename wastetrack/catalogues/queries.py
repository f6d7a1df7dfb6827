"""Reading the lists from the database, and the snapshot that a process keeps of them.

A snapshot is kept per connection pool, that is per database. It is checked against the editions present at most once
a minute, so a newly loaded edition is seen by running processes within that time and most requests ask nothing.
"""

import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.pool import Pool
from sqlmodel import col

from wastetrack.catalogues import general_wastes, hazards, treatments, waste_codes
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.model import (
    Edition,
    Exemption,
    ExemptionScope,
    GeneralWasteClass,
    ListedWaste,
    ListName,
    Region,
    Treatment,
    UnNumber,
)
from wastetrack.catalogues.searching import search as search_wastes
from wastetrack.catalogues.tables import (
    CatalogueEdition,
    GeneralWasteClassRow,
    RegionRow,
    TreatmentMethodRow,
    UnNumberRow,
    WasteCodeRow,
    WasteExemptionRow,
)
from wastetrack.db.session import ReadSession

CHECK_AGAIN_AFTER_S: Final = 60.0
_UNCOMMITTED: Final = "catalogues_changed"
Entry = TypeVar("Entry")

_snapshots: WeakKeyDictionary[Pool, tuple[float, Catalogue]] = WeakKeyDictionary()


async def snapshot(session: ReadSession) -> Catalogue:
    """All lists, from memory when they were read before; no statement is sent then."""
    pool = _pool(session)
    kept = _snapshots.get(pool)
    mine = session.info.get(_UNCOMMITTED, False)
    if kept is not None and not mine:
        checked_at_s, catalogue = kept
        if time.monotonic() - checked_at_s < CHECK_AGAIN_AFTER_S:
            return catalogue
        if {edition.id for edition in catalogue.editions} == await _edition_ids(session):
            _snapshots[pool] = (time.monotonic(), catalogue)
            return catalogue
    catalogue = await read_catalogue(session)
    # What this transaction has loaded but not committed is nobody else's yet; an empty database is about to be filled.
    if catalogue.editions and not mine:
        _snapshots[pool] = (time.monotonic(), catalogue)
    return catalogue


def forget_snapshot(session: ReadSession) -> None:
    """Called by loading: this transaction has changed the lists."""
    session.info[_UNCOMMITTED] = True
    _snapshots.pop(_pool(session), None)


async def search(session: ReadSession, text: str, *, on: date, limit: int = 20) -> tuple[ListedWaste, ...]:
    """Wastes of the list of a day by code, Chinese text or pinyin initials, best first."""
    catalogue = await snapshot(session)
    return search_wastes(catalogue.wastes_on(on), text, limit=limit)


async def search_general(session: ReadSession, text: str, *, on: date) -> tuple[GeneralWasteClass, ...]:
    """The classes of general industrial solid waste of a day that a code, a class or words ask for."""
    catalogue = await snapshot(session)
    return general_wastes.search_classes(catalogue.general_classes_on(on).values(), text)


async def editions(session: ReadSession) -> tuple[Edition, ...]:
    """Every edition present, by list, oldest first."""
    statement = sa.select(CatalogueEdition).order_by(col(CatalogueEdition.list_name), col(CatalogueEdition.valid_from))
    return tuple(_edition(row) for row in (await session.execute(statement)).scalars())


async def read_catalogue(session: ReadSession) -> Catalogue:
    """All lists, read now: seven statements, however long the lists are."""
    present = await editions(session)
    names = {edition.id: edition.name for edition in present}
    newest = {edition.list_name: edition.id for edition in present}
    wastes = await _by_edition(session, _WASTES, names, _waste)
    return Catalogue(
        editions=present,
        wastes={name: {str(waste.code): waste for waste in entries} for name, entries in wastes.items()},
        exempted={
            name: tuple(entries)
            for name, entries in (await _by_edition(session, _EXEMPTIONS, names, _exemption)).items()
        },
        treatments={
            name: {treatment.code: treatment for treatment in entries}
            for name, entries in (await _by_edition(session, _METHODS, names, _treatment)).items()
        },
        regions=await _of_newest(session, _REGIONS, newest.get(ListName.REGIONS), _region),
        un_numbers=await _of_newest(session, _UN_NUMBERS, newest.get(ListName.UN_NUMBERS), _un_number),
        general_classes={
            name: {one.code: one for one in entries}
            for name, entries in (await _by_edition(session, _GENERAL_CLASSES, names, _general_class)).items()
        },
        category_names={waste.category: waste.category_name for entries in wastes.values() for waste in entries},
    )


_WASTES = sa.select(
    col(WasteCodeRow.edition_id),
    col(WasteCodeRow.code),
    col(WasteCodeRow.category_name),
    col(WasteCodeRow.industry_name),
    col(WasteCodeRow.description),
    col(WasteCodeRow.hazards),
    col(WasteCodeRow.initials),
    col(WasteCodeRow.replaced_by),
).order_by(col(WasteCodeRow.edition_id), col(WasteCodeRow.position))
_EXEMPTIONS = sa.select(
    col(WasteExemptionRow.edition_id),
    col(WasteExemptionRow.position),
    col(WasteExemptionRow.item),
    col(WasteExemptionRow.scope),
    col(WasteExemptionRow.patterns),
    col(WasteExemptionRow.waste),
    col(WasteExemptionRow.stage),
    col(WasteExemptionRow.condition),
    col(WasteExemptionRow.effect),
    col(WasteExemptionRow.language),
).order_by(col(WasteExemptionRow.edition_id), col(WasteExemptionRow.position))
_METHODS = sa.select(
    col(TreatmentMethodRow.edition_id),
    col(TreatmentMethodRow.code),
    col(TreatmentMethodRow.name_zh),
    col(TreatmentMethodRow.name_en),
).order_by(col(TreatmentMethodRow.edition_id), col(TreatmentMethodRow.position))
_GENERAL_CLASSES = sa.select(
    col(GeneralWasteClassRow.edition_id),
    col(GeneralWasteClassRow.code),
    col(GeneralWasteClassRow.name_zh),
    col(GeneralWasteClassRow.name_en),
    col(GeneralWasteClassRow.certainty),
).order_by(col(GeneralWasteClassRow.edition_id), col(GeneralWasteClassRow.position))
_REGIONS = sa.select(
    col(RegionRow.code),
    col(RegionRow.name),
    col(RegionRow.level),
    col(RegionRow.parent),
    col(RegionRow.initials),
).order_by(col(RegionRow.code))
_UN_NUMBERS = sa.select(
    col(UnNumberRow.number),
    col(UnNumberRow.name),
    col(UnNumberRow.danger_class),
    col(UnNumberRow.class_code),
    col(UnNumberRow.tunnel_category),
    col(UnNumberRow.withdrawn),
).order_by(col(UnNumberRow.number))


async def _edition_ids(session: ReadSession) -> set[UUID]:
    return set((await session.execute(sa.select(col(CatalogueEdition.id)))).scalars())


async def _by_edition(
    session: ReadSession,
    statement: sa.Select[Any, *tuple[Any, ...]],
    names: Mapping[UUID, str],
    make: Callable[[str, Any], Entry],
) -> dict[str, list[Entry]]:
    entries: dict[str, list[Entry]] = {}
    for row in await session.execute(statement):
        name = names[row.edition_id]
        entries.setdefault(name, []).append(make(name, row))
    return entries


async def _of_newest(
    session: ReadSession,
    statement: sa.Select[Any, *tuple[Any, ...]],
    edition_id: UUID | None,
    make: Callable[[Any], Entry],
) -> dict[str, Entry]:
    if edition_id is None:
        return {}
    rows = await session.execute(statement.where(sa.column("edition_id") == edition_id))
    return {row[0]: make(row) for row in rows}


def _edition(row: CatalogueEdition) -> Edition:
    return Edition(
        row.id,
        ListName(row.list_name),
        row.name,
        row.title,
        row.valid_from,
        row.valid_to,
        row.source,
        row.sha256,
        row.entries,
    )


def _waste(edition: str, row: Any) -> ListedWaste:  # noqa: ANN401  a row of a select
    return ListedWaste(
        code=waste_codes.parse(row.code),
        edition=edition,
        category_name=row.category_name,
        industry_name=row.industry_name,
        description=row.description,
        hazards=hazards.parse(row.hazards),
        initials=row.initials,
        replaced_by=row.replaced_by,
    )


def _exemption(_edition_name: str, row: Any) -> Exemption:  # noqa: ANN401
    return Exemption(
        position=row.position,
        item=row.item,
        scope=ExemptionScope(row.scope),
        patterns=tuple(row.patterns),
        waste=row.waste,
        stage=row.stage,
        condition=row.condition,
        effect=row.effect,
        language=row.language,
    )


def _treatment(_edition_name: str, row: Any) -> Treatment:  # noqa: ANN401
    return Treatment(row.code, treatments.group_of(row.code), row.name_zh, row.name_en)


def _general_class(_edition_name: str, row: Any) -> GeneralWasteClass:  # noqa: ANN401
    return GeneralWasteClass(row.code, row.name_zh, row.name_en, row.certainty)


def _region(row: Any) -> Region:  # noqa: ANN401
    return Region(row.code, row.name, row.level, row.parent, row.initials)


def _un_number(row: Any) -> UnNumber:  # noqa: ANN401
    return UnNumber(row.number, row.name, row.danger_class, row.class_code, row.tunnel_category, row.withdrawn)


def _pool(session: ReadSession) -> Pool:
    """The pool behind a session, the same for the read-only face of an engine and for a single connection of it."""
    return session.get_bind().engine.pool
