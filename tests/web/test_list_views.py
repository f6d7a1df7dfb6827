"""A list as a person wants it: order, columns, filters, each only from what the list knows."""

import pytest
from starlette.requests import Request

from wastetrack.ids import new_id
from wastetrack.searches.model import Kept, SavedSearch
from wastetrack.web.list_views import Column, ListView, query_of
from wastetrack.web.rendering import Page

COLUMNS = (
    Column("code", "Code", always=True),
    Column("net", "Net mass", "number", sortable=True),
    Column("born", "Generated", sortable=True),
    Column("packaging", "Packaging", extra=True),
)


def view(query: str = "", kept: Kept | None = None, usual: str = "-net") -> ListView:
    scope = {"type": "http", "method": "GET", "path": "/containers", "query_string": query.encode(), "headers": []}
    scope["server"] = ("localhost", 80)
    return ListView(Page(Request(scope)), COLUMNS, kept or Kept(), usual=usual)


def test_the_usual_order_holds_until_a_known_one_is_asked_for() -> None:
    assert (view().sort, view().descending) == ("net", True)
    assert (view("sort=born").sort, view("sort=born").descending) == ("born", False)
    for odd in ("sort=packaging", "sort=net_g;drop", "sort=", "sort=--net"):
        assert (view(odd).sort, view(odd).sort_given) == ("net", ""), odd


@pytest.mark.parametrize(
    ("query", "column", "address"),
    [
        ("", "net", "/containers?sort=net"),
        ("sort=net", "net", "/containers?sort=-net"),
        ("q=x&before=1&lang=en&after=2", "born", "/containers?q=x&sort=born"),
    ],
)
def test_a_head_leads_to_its_order_and_back_from_the_beginning_of_the_list(
    query: str, column: str, address: str
) -> None:
    assert view(query).sort_address(column) == address


def test_the_order_is_told_and_drawn() -> None:
    assert [view().aria_sort("net"), view("sort=net").aria_sort("net"), view().aria_sort("born")] == [
        "descending",
        "ascending",
        "none",
    ]
    assert [view().arrow("net"), view("sort=net").arrow("net"), view().arrow("born")] == ["↓", "↑", "↕"]


def test_columns_are_the_list_s_or_the_person_s_but_the_row_always_has_its_name() -> None:
    assert [column.name for column in view().columns] == ["code", "net", "born"]
    chosen = view(kept=Kept(columns=("packaging", "gone")))
    assert [column.name for column in chosen.columns] == ["code", "packaging"]
    with pytest.raises(KeyError):
        view().has("misspelt")


def test_saved_filters_are_recognised_in_one_spelling() -> None:
    assert query_of("state=&q=a+b&code=9&lang=zh&theme=dark&before=7") == "code=9&q=a+b"
    saved = Kept((SavedSearch(new_id(), "/containers", "x", "code=9&q=a+b"),))
    shown = view("q=a%20b&code=9&state=", saved)
    assert shown.is_filtered
    assert shown.is_saved
    assert not view("sort=net").is_filtered
    assert not view("q=other", saved).is_saved
