"""Every declared list alike: its order, filters, columns, files, refusals, and what it asks of the database."""

import csv
import importlib
import io
import pkgutil
from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import pytest
from python_calamine import CalamineWorkbook

import wastetrack.web
from tests.support.databases import Cluster
from tests.support.findings import SKIM
from tests.support.served import Served, Visitor, served_on
from tests.support.statements import counted
from tests.support.three_of_each import three_of_each
from tests.support.wire import on_the_wire
from tests.support.world import World
from wastetrack.db.addresses import Address
from wastetrack.db.session import writing
from wastetrack.i18n import translate
from wastetrack.web import designing, lists, lists_of_findings, lists_of_reservations
from wastetrack.web import lists_of_records as records
from wastetrack.web.listings import Listing


class Case(NamedTuple):
    """A list as one person sees it: its filters with a value each, and how many statements its page is."""

    listing: Listing
    login: str
    path: str
    filters: dict[str, str]
    statements: int
    rows: bool = True
    """Whether this world has several."""


CASES = {
    "contracts": Case(lists.CONTRACTS, "owner", "/contracts", {"state": "draft", "number": "HT"}, 5),
    "reservations": Case(
        lists_of_reservations.RESERVATIONS, "owner", "/reservations", {"state": "used", "waste_code": "900-2"}, 4
    ),
    "plans": Case(lists.PLANS, "owner", "/plans", {"state": "draft", "site_id": "{site}"}, 8),
    "filings": Case(lists.FILINGS, "inspector", "/plans", {"year": "2026", "filed": "false"}, 4),
    "organisations": Case(
        lists.ORGANISATIONS, "owner", "/organisations", {"q": "厂", "kind": "generator", "region": "3706"}, 3
    ),
    "people": Case(lists.PEOPLE, "owner", "/organisations/{firm}/people", {"q": "王", "role": "owner"}, 6),
    "approvals": Case(
        lists.APPROVALS, "owner", "/approvals", {"kind": "cross_province", "state": "draft", "number": "A"}, 5
    ),
    "claims": Case(lists.CLAIMS, "stranger", "/claims", {"state": "refused"}, 3),
    "numbers": Case(records.NUMBERS, "owner", "/paper", {"state": "used"}, 4),
    "discrepancies": Case(records.DISCREPANCIES, "owner", "/discrepancies", {"state": "closed"}, 6, rows=False),
    "batches": Case(records.BATCHES, "receiver", "/treatment", {"site_id": "{plant}", "state": "withdrawn"}, 5),
    "stock_takes": Case(records.STOCK_TAKES, "owner", "/sites/{site}/stock-takes", {"state": "open"}, 5),
    "looks": Case(records.LOOKS, "owner", "/looks", {}, 3),
    "own_looks": Case(records.OWN_LOOKS, "inspector", "/looks", {"kind": "search"}, 3),
    "tasks": Case(records.TASKS, "owner", "/tasks", {"state": "done"}, 3),
    "imports": Case(records.IMPORTS, "owner", "/imports", {"kind": "containers"}, 3),
    "statement": Case(records.STATEMENT, "owner", "/ledger/sites/{site}/stored", {}, 5, rows=False),
    "bags": Case(records.BAGS, "owner", "/medical/bags", {"infectious": "true", "emergency": "true"}, 3, rows=False),
    "findings": Case(
        lists_of_findings.FINDINGS,
        "inspector",
        "/findings/queues/skim",
        {"state": "all", "severity": "3", "rule": SKIM, "week": "yes"},
        9,
    ),
}
ALL = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def declared() -> Iterator[Listing]:
    """Every list of the pages."""
    for module in pkgutil.iter_modules(wastetrack.web.__path__):
        if module.name != designing.__name__.rpartition(".")[2]:
            named = vars(importlib.import_module(f"wastetrack.web.{module.name}")).values()
            yield from (one for one in named if isinstance(one, Listing))


def test_no_declared_list_is_left_out() -> None:
    assert {id(one) for one in declared()} == {id(case.listing) for case in CASES.values()}


@pytest.fixture(scope="module")
async def filled(
    cluster: Cluster, town: tuple[World, Address], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """A world of its own with three of everything that is listed."""
    world, template = town
    address = cluster.clone(template.database)
    async with served_on(address.url, world, tmp_path_factory.mktemp("lists")) as served:
        async with writing(served.owner) as session:
            await three_of_each(session, world)
        yield served
    cluster.drop(address)


async def visiting(served: Served, case: Case) -> tuple[Visitor, str]:
    """Whoever sees the list, and its address."""
    path = case.path.format(site=served.world.generator.site.id, firm=served.world.generator.id)
    return await served.page_visitor(case.login), path


def asked(case: Case, served: Served) -> dict[str, str]:
    """The filters with the world's own ids in them."""
    site, plant = served.world.generator.site.id, served.world.receiver.site.id
    return {name: value.format(site=site, plant=plant) for name, value in case.filters.items()}


async def table(visitor: Visitor, path: str, **query: str) -> tuple[list[str], list[list[str]]]:
    """The list as its CSV has it: heads and rows."""
    answered = await visitor.get(path, params={"lang": "en", "file": "csv", **query})
    assert answered.status_code == 200, answered.text[:300]
    assert answered.headers["content-disposition"].endswith('.csv"')
    assert "+00:00" not in answered.text  # instants are those of the deployment's clock
    heads, *rows = csv.reader(io.StringIO(answered.text.removeprefix("\ufeff")))
    return heads, rows


@ALL
async def test_each_order_is_carried_out_both_ways(filled: Served, case: Case) -> None:
    visitor, path = await visiting(filled, case)
    places = {column.name: place for place, column in enumerate(one for one in case.listing.columns if not one.extra)}
    distinct = 0
    for column in case.listing.columns:
        if not column.sortable:
            continue
        _, up = await table(visitor, path, sort=column.name)
        _, down = await table(visitor, path, sort=f"-{column.name}")
        if column.extra:  # not shown until it is chosen
            assert up == down[::-1] != down, column.name
            continue
        rising, falling = ([row[places[column.name]] for row in rows] for rows in (up, down))
        assert sorted(rising) == sorted(falling)
        filled_up, filled_down = ([value for value in values if value] for values in (rising, falling))
        assert filled_up == filled_down[::-1], column.name
        # What has no value stands last either way.
        assert rising[: len(filled_up)] == filled_up
        assert falling[: len(filled_down)] == filled_down
        distinct = max(distinct, len(set(filled_up)))
    if case.rows and any(column.sortable for column in case.listing.columns):
        assert distinct >= 3


@ALL
async def test_the_page_has_its_heads_files_and_pages(filled: Served, case: Case) -> None:
    visitor, path = await visiting(filled, case)
    if not case.rows:
        return
    page = (await visitor.get(path, params={"lang": "en"})).text
    for column in case.listing.columns:
        assert (f"sort={column.name}" in page or f"sort=-{column.name}" in page) == (
            column.sortable and not column.extra
        ), column.name
    assert "file=csv" in page
    assert "file=xlsx" in page
    whole = case.listing.per_page
    object.__setattr__(case.listing, "per_page", 1)
    try:
        first = (await visitor.get(path, params={"lang": "en"})).text
        second = (await visitor.get(path, params={"lang": "en", "after": "1"})).text
        # A file has all pages.
        _, rows = await table(visitor, path, after="1")
    finally:
        object.__setattr__(case.listing, "per_page", whole)
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    assert 'rel="prev"' in second
    bodies = [shown.partition("<tbody>")[2].partition("</tbody>")[0] for shown in (first, second)]
    # To look is a look of one's own: that list has grown by one meanwhile.
    assert bodies[0] != bodies[1] or case.listing is records.OWN_LOOKS
    assert len(rows) >= 3


@ALL
async def test_each_filter_narrows_and_stands_in_its_field(filled: Served, case: Case) -> None:
    visitor, path = await visiting(filled, case)
    assert {one.name for one in case.listing.filters} == set(case.filters)
    _, whole = await table(visitor, path)
    for name, value in asked(case, filled).items():
        _, narrowed = await table(visitor, path, **{name: value})
        assert all(row in whole for row in narrowed) or name == "year"
        answered = await visitor.get(path, params={"lang": "en", name: value})
        assert answered.status_code == 200
        assert f'id="filter-{name}"' in answered.text
        assert f'value="{value}"' in answered.text
        assert "Clear filters" in answered.text
    some = [asked(case, filled)] if case.rows and case.filters else []
    for every in some:
        _, none_or_few = await table(visitor, path, **every)
        assert len(none_or_few) <= len(whole)


@ALL
async def test_what_no_list_knows_is_refused_or_forgotten(filled: Served, case: Case) -> None:
    visitor, path = await visiting(filled, case)
    for name, value in (("after", "-1"), ("after", "x"), ("file", "pdf")):
        answered = await visitor.get(path, params={"lang": "en", name: value})
        assert answered.status_code == 422, (name, value)
        assert "<h1" in answered.text
    for one in case.listing.filters:
        if one.choices is not None:
            assert (await visitor.get(path, params={one.name: "nonsense"})).status_code == 422, one.name
            assert (await visitor.get(path, params={one.name: ""})).status_code == 200, one.name
    usual = (await table(visitor, path))[1]
    for odd in ("id;drop table people", "--x", "nothing"):
        assert (await table(visitor, path, sort=odd))[1] == usual, odd


@ALL
async def test_columns_are_chosen_and_the_file_follows(filled: Served, case: Case) -> None:
    visitor, path = await visiting(filled, case)
    heads, rows = await table(visitor, path)
    titles = [translate(one.title, "en") for one in case.listing.columns if one.of and not one.extra]
    assert [head.removesuffix(" (t)") for head in heads] == titles
    workbook = CalamineWorkbook.from_filelike(
        io.BytesIO((await visitor.get(path, params={"lang": "en", "file": "xlsx"})).content)
    )
    sheet = workbook.get_sheet_by_index(0).to_python()
    start = next(place for place, row in enumerate(sheet) if [str(one) for one in row[: len(heads)]] == heads)
    assert len([row for row in sheet[start + 1 :] if any(row)]) == len(rows)
    always = [one for one in case.listing.columns if one.always and one.of]
    other = next(one for one in reversed(case.listing.columns) if not one.always)
    fields = {"page": path, "back": path, "columns": other.name}
    assert (await visitor.send_form("/searches/columns", fields, page="/searches")).status_code == 303
    chosen, _ = await table(visitor, path)
    await visitor.send_form("/searches/columns", {**fields, "usual": "true"}, page="/searches")
    assert {head.removesuffix(" (t)") for head in chosen} == {translate(one.title, "en") for one in (*always, other)}
    assert (await table(visitor, path))[0] == heads


@ALL
async def test_a_page_costs_so_many_statements(filled: Served, case: Case) -> None:
    visitor, path = await visiting(filled, case)
    await visitor.get(path)  # what a process reads once is read
    engine = filled.app.state.engine
    with counted(engine) as by_alchemy, on_the_wire(engine) as past_it:
        assert (await visitor.get(path)).status_code == 200
    statements = [*past_it, *by_alchemy]
    assert len(statements) == case.statements, "\n".join(statements)
