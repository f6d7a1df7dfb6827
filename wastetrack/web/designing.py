"""`/design`: every component of the pages with words about when to use it; for who builds pages, in development mode.

The samples are written here, so that each component is seen in all its states without any data in the database.
"""

from datetime import timedelta
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, Final

from starlette.responses import Response

from wastetrack import clock
from wastetrack.errors import Broken, NotFound
from wastetrack.i18n import message
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.searches.model import Kept, SavedSearch
from wastetrack.serving.deps import settings_of
from wastetrack.serving.room_router import RoomRouter
from wastetrack.web.forms import Filled
from wastetrack.web.helping import greeted
from wastetrack.web.list_views import Column
from wastetrack.web.listings import Asked, Filter, ListedView, Listing
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter()

_COLUMNS: Final = (
    Column("code", message("Digital code"), "code", always=True, of=attrgetter("code"), link=lambda _: "#c-listing"),
    Column("waste", message("Waste"), sortable=True, of=attrgetter("waste")),
    Column("net", message("Net mass"), "mass", sortable=True, of=lambda row: Mass(row.net_g)),
    Column("generated", message("Generated"), sortable=True, of=attrgetter("generated")),
    Column("due", message("May stand"), of=attrgetter("due")),
    Column("packaging", message("Packaging"), extra=True, of=lambda _: None),
)
_LISTING: Final = Listing(
    message("Containers"), _COLUMNS, (Filter("code", message("Waste code"), kind="search"),), usual="-net"
)
_ROWS: Final = (
    ("20260301 00000031 7", "900-249-08 废矿物油", 186_400, -1, 12),
    ("20260301 00000032 5", "900-041-49 废包装物", 24_050, -40, 2),
    ("20260301 00000033 3", "336-064-17 表面处理污泥", 1_254_000, -364, -3),
)
_MONTHS: Final = ("2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11")
_IN_T: Final = (18.4, 22.1, 19.85, 25.2, 31.06, 12.3)
_OUT_T: Final = (17.9, 20.0, 21.4, 24.8, 28.2, 9.75)
# Places of Shandong, as the demonstration has them.
_PLACES: Final = (
    (37.46, 121.45, "芝罘区 1.254 t", "plain"),
    (36.07, 120.38, "市南区 860 kg", "warn"),
    (36.65, 117.12, "历下区 12.3 t", "good"),
)


@router.get("/design")
async def design(page: AnyPage) -> Response:
    """The components."""
    if not settings_of(page.request).development:
        raise NotFound("page_unknown", "There is nothing at this address.")
    now = clock.now()
    await greeted(page)
    return page.show(
        "design/design.html",
        filled=_refused(),
        view=_view(page),
        rows=_rows(),
        now=now,
        times=[now - timedelta(hours=2), now - timedelta(days=1), now + timedelta(days=3), now - timedelta(days=400)],
        terms=[
            now + timedelta(minutes=20),
            now + timedelta(hours=20),
            now + timedelta(days=9),
            now - timedelta(days=2),
        ],
        day=timedelta(days=1),
        masses=[Mass(860_000), Mass(1_250_000), Mass(350), Mass(12_345_678)],
        **_pictures(),
    )


def _view(page: Page) -> ListedView:
    kept = Kept((SavedSearch(new_id(), page.path, "一号库 · 废矿物油", "code=900-249-08"),))
    view = ListedView(page, _LISTING, kept, Asked(), {}, "")
    view.rows = _rows()
    return view


def _rows() -> list[SimpleNamespace]:
    today = clock.now()
    return [
        SimpleNamespace(
            id=place,
            code=code,
            waste=waste,
            net_g=net_g,
            generated=today + timedelta(days=born),
            due=today + timedelta(days=left),
        )
        for place, (code, waste, net_g, born, left) in enumerate(_ROWS)
    ]


def _refused() -> Filled:
    missing = Broken(
        "gross", "missing", message("This is needed."), next_step=message("Weigh it, then type the scale's number.")
    )
    return Filled({"name": ("废矿物油",)}, (missing,), "", frozenset({"gross", "name"}))


def _pictures() -> dict[str, Any]:
    bars = [{"type": "bar", "name": name, "data": list(data)} for name, data in (("收入", _IN_T), ("处置", _OUT_T))]
    chain = [
        ("一车间", "一号库", 31.06),
        ("二车间", "一号库", 12.3),
        ("一号库", "焚烧", 28.2),
        ("一号库", "在库", 15.16),
    ]
    return {
        "bars": {
            "legend": {},
            "tooltip": {"trigger": "axis"},
            "xAxis": {"data": list(_MONTHS)},
            "yAxis": {},
            "series": bars,
        },
        "bar_rows": [list(row) for row in zip(_MONTHS, _IN_T, _OUT_T, strict=True)],
        "flow": {
            "tooltip": {},
            "series": [
                {
                    "type": "sankey",
                    "data": [{"name": name} for name in sorted({end for one in chain for end in one[:2]})],
                    "links": [{"source": source, "target": target, "value": value} for source, target, value in chain],
                }
            ],
        },
        "flow_rows": [list(one) for one in chain],
        "points": [{"lat": lat, "lon": lon, "words": words, "kind": kind} for lat, lon, words, kind in _PLACES],
        "point_rows": [[words, lat, lon] for lat, lon, words, _ in _PLACES],
        "areas": {"370600": {"words": "烟台市 31 t", "share": 0.9}, "370200": {"words": "青岛市 12 t", "share": 0.4}},
    }
