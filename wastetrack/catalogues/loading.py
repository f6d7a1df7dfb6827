"""Import dated editions of the official lists.

An edition is written once: loading the same bytes again does nothing, other bytes under the same name are refused.
The lists that travel with the product are in `data/`, with their sources in PROVENANCE.md.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlmodel import col

from wastetrack.catalogues import reading
from wastetrack.catalogues.model import Edition, ListName
from wastetrack.catalogues.queries import editions, forget_snapshot
from wastetrack.catalogues.tables import CatalogueEdition
from wastetrack.db.session import WriteSession
from wastetrack.errors import Conflict
from wastetrack.ids import new_id

DATA: Final = Path(__file__).resolve().parent / "data"
_LOADING_LOCK: Final = sa.text("lock table catalogue_editions in share row exclusive mode")

_READERS: Final[dict[ListName, tuple[Callable[[tuple[bytes, ...]], list[tuple[Any, ...]]], tuple[str, ...]]]] = {
    ListName.WASTE_CODES: (reading.waste_rows, reading.WASTE_COLUMNS),
    ListName.WASTE_EXEMPTIONS: (reading.exemption_rows, reading.EXEMPTION_COLUMNS),
    ListName.TREATMENT_METHODS: (reading.method_rows, reading.METHOD_COLUMNS),
    ListName.REGIONS: (reading.region_rows, reading.REGION_COLUMNS),
    ListName.UN_NUMBERS: (reading.un_rows, reading.UN_COLUMNS),
    ListName.GENERAL_WASTE_CLASSES: (reading.general_waste_rows, reading.GENERAL_WASTE_COLUMNS),
}

_BY_ORDER_15: Final = (date(2021, 1, 1), date(2024, 12, 31))
_BY_ORDER_36: Final = (date(2025, 1, 1), None)
_SINCE_OUR_FIRST_LIST: Final = (date(2021, 1, 1), None)
# List, edition, title, days in force, source, files.
_PACKAGED: Final[tuple[tuple[ListName, str, str, tuple[date, date | None], str, tuple[str, ...]], ...]] = (
    (
        ListName.WASTE_CODES,
        "2021",
        "国家危险废物名录（2021年版）",
        _BY_ORDER_15,
        "部令第15号",
        ("nchw_2021.csv", "nchw_2021_replacements.csv"),
    ),
    (
        ListName.WASTE_CODES,
        "2025",
        "国家危险废物名录（2025年版）",
        _BY_ORDER_36,
        "部令第36号",
        ("nchw_2025.csv",),
    ),
    (
        ListName.WASTE_EXEMPTIONS,
        "2021",
        "危险废物豁免管理清单（2021年版）",
        _BY_ORDER_15,
        "部令第15号",
        ("nchw_2021_exempt.csv",),
    ),
    (
        ListName.WASTE_EXEMPTIONS,
        "2025",
        "危险废物豁免管理清单（2025年版）",
        _BY_ORDER_36,
        "部令第36号",
        ("nchw_2025_exempt.csv",),
    ),
    (
        ListName.TREATMENT_METHODS,
        "HJ 1033",
        "利用处置方式代码",
        _SINCE_OUR_FIRST_LIST,
        "HJ 1033 附录F",
        ("cn_disposal_codes.csv",),
    ),
    (
        ListName.REGIONS,
        "2024",
        "县以上行政区划代码（2024年）",
        _SINCE_OUR_FIRST_LIST,
        "GB/T 2260",
        ("cn_admin_divisions.csv",),
    ),
    (ListName.UN_NUMBERS, "ADR", "危险货物联合国编号", _SINCE_OUR_FIRST_LIST, "ADR", ("un_numbers_adr.csv",)),
    (
        ListName.GENERAL_WASTE_CLASSES,
        "2024",
        "工业固体废物分类（2024年）",
        _SINCE_OUR_FIRST_LIST,
        "固体废物分类与代码目录（公告 2024年第4号）",
        ("general_waste_classes.csv",),
    ),
)


@dataclass(frozen=True, slots=True)
class EditionFiles:
    """An edition to be loaded: what it is, since when it holds, and the bytes of its files."""

    list_name: ListName
    name: str
    title: str
    valid_from: date
    valid_to: date | None
    source: str
    files: tuple[bytes, ...]

    @property
    def sha256(self) -> str:
        """Fingerprint of the files in their order, each with its length before it."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(len(file).to_bytes(8, "big") + file)
        return digest.hexdigest()


def packaged_editions() -> tuple[EditionFiles, ...]:
    """The editions that travel with the product, oldest first within a list."""
    return tuple(
        EditionFiles(
            list_name, name, title, *days, source=source, files=tuple((DATA / file).read_bytes() for file in files)
        )
        for list_name, name, title, days, source, files in _PACKAGED
    )


async def load_packaged(session: WriteSession, *, at: datetime) -> tuple[EditionFiles, ...]:
    """Load every edition that travels with the product; gives those that were new. Doing it again does nothing."""
    return tuple([edition for edition in packaged_editions() if await load_edition(session, edition, at=at)])


async def load_edition(session: WriteSession, edition: EditionFiles, *, at: datetime) -> bool:
    """Load one edition; False when it was there already. Conflict when it is there with other content.

    An older edition of the list that was open ends the day before this one begins; Conflict when days would still
    overlap. Raises Malformed when a file cannot be read.
    """
    # Two programs that load at the same time would both find the edition missing.
    await session.execute(_LOADING_LOCK)
    others = tuple(other for other in await editions(session) if other.list_name == edition.list_name)
    present = next((other for other in others if other.name == edition.name), None)
    if present is not None and present.sha256 == edition.sha256:
        return False
    if present is not None:
        raise Conflict(
            "catalogue_edition_differs",
            "Edition {name} of list {list_name} is loaded with other content. "
            "Editions are never changed: give the corrected list a new name and its own dates.",
            name=edition.name,
            list_name=edition.list_name,
        )
    ended = _to_be_ended(edition, others)
    read, columns = _READERS[edition.list_name]
    rows = read(edition.files)
    if ended is not None:
        last_day = edition.valid_from - timedelta(days=1)
        statement = sa.update(CatalogueEdition).where(col(CatalogueEdition.id) == ended.id).values(valid_to=last_day)
        await session.execute(statement)
    await _write(session, edition, rows, columns, at)
    forget_snapshot(session)
    return True


def _to_be_ended(edition: EditionFiles, others: tuple[Edition, ...]) -> Edition | None:
    """The open edition that this one follows. Conflict when the days overlap in any other way."""
    ended = None
    for other in others:
        if other.valid_to is None and other.valid_from < edition.valid_from:
            ended = other
        elif other.valid_from <= (edition.valid_to or date.max) and edition.valid_from <= (other.valid_to or date.max):
            raise Conflict(
                "catalogue_editions_overlap",
                "Edition {name} of list {list_name} would hold on the same days as edition {other}. Correct its dates.",
                name=edition.name,
                list_name=edition.list_name,
                other=other.name,
            )
    return ended


async def _write(
    session: WriteSession, edition: EditionFiles, rows: list[tuple[Any, ...]], columns: tuple[str, ...], at: datetime
) -> None:
    edition_id = new_id()
    await session.execute(
        sa.insert(CatalogueEdition).values(
            id=edition_id,
            list_name=edition.list_name.value,
            name=edition.name,
            title=edition.title,
            valid_from=edition.valid_from,
            valid_to=edition.valid_to,
            source=edition.source,
            sha256=edition.sha256,
            entries=len(rows),
            loaded_at=at,
        )
    )
    connection = await session.driver()
    await connection.copy_records_to_table(
        edition.list_name.value,
        records=((edition_id, *row) for row in rows),
        columns=("edition_id", *columns),
    )
