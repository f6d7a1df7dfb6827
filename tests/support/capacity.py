"""A region of two counties and two plants, small enough to be matched by hand, and assessments of it that are made.

Fly ash of refuse incineration (772-002-18) arises: 12,000 t in Zhifu, 9,000 t in Weicheng. The landfill in Laixi may
take 6,000 t of it and 20,000 t of other ash (772-003-18); packagings (900-041-49) go to the incinerator in Hanting.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.capacity.answering import answer
from wastetrack.capacity.facts import Facts, ItemFacts, PermitFacts, SiteFacts
from wastetrack.capacity.result import Question, Result, ScenarioKind, SupplyGround
from wastetrack.capacity.tables import CapacityRunRow
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.parties.model import SiteKind
from wastetrack.parties.permits import PermitKind

TONNE = 1_000_000
ASH, OTHER_ASH, DRUMS = "772-002-18", "772-003-18", "900-041-49"
YEAR = 2026
NAMES = {
    "370000": "山东省",
    "370200": "青岛市",
    "370600": "烟台市",
    "370700": "潍坊市",
    "370602": "芝罘区",
    "370702": "潍城区",
}


def a_site(kind: SiteKind, region: str, longitude: float, latitude: float, **more: Any) -> SiteFacts:  # noqa: ANN401  the fields of a dataclass
    """A site of a firm of its own, with stores for 50 t."""
    site = SiteFacts(new_id(), "厂区", kind, region, longitude, latitude, new_id(), f"{region}厂", 50 * TONNE)
    return replace(site, **more)


def a_permit(site: SiteFacts, *items: tuple[str, str, int], kind: PermitKind = PermitKind.COMPREHENSIVE) -> PermitFacts:
    """Lines of pattern, method and tonnes a year, in force over all of YEAR."""
    return PermitFacts(
        new_id(),
        site.organisation_id,
        site.id,
        kind,
        date(YEAR - 1, 1, 1),
        date(YEAR + 2, 12, 31),
        tuple(ItemFacts(new_id(), pattern, frozenset({method}), tonnes * TONNE) for pattern, method, tonnes in items),
    )


MAKER = a_site(SiteKind.PRODUCTION, "370602", 121.386, 37.541)
SECOND_MAKER = a_site(SiteKind.PRODUCTION, "370702", 119.024, 36.728)
INCINERATOR = a_site(SiteKind.TREATMENT, "370703", 119.211, 36.761)
LANDFILL = a_site(SiteKind.TREATMENT, "370285", 120.518, 36.889)


def facts(**changed: Any) -> Facts:  # noqa: ANN401  the fields of a dataclass
    """The region, with whatever else is to be so."""
    whole = Facts(
        region="37",
        year=YEAR,
        sites={site.id: site for site in (MAKER, SECOND_MAKER, INCINERATOR, LANDFILL)},
        planned_g={
            (MAKER.id, ASH): 12_000 * TONNE,
            (MAKER.id, DRUMS): 500 * TONNE,
            (SECOND_MAKER.id, ASH): 9_000 * TONNE,
        },
        filed=frozenset({MAKER.id, SECOND_MAKER.id}),
        arisen_g={},
        stored_g={},
        treated_g={INCINERATOR.id: 1_000 * TONNE},
        residue_g={(INCINERATOR.id, OTHER_ASH): 210 * TONNE},
        permits=(
            a_permit(INCINERATOR, ("HW49", "D10", 10_000)),
            a_permit(LANDFILL, (OTHER_ASH, "D1", 20_000), (ASH, "D1", 6_000)),
        ),
        names=NAMES,
    )
    return replace(whole, **changed)


def question(**changed: Any) -> Question:  # noqa: ANN401  the fields of a dataclass
    """The province as it stands, by its plans."""
    asked = Question(
        title="山东省 2026", region="37", year=YEAR, ground=SupplyGround.PLAN, scenario=ScenarioKind.AS_IT_IS
    )
    return asked.model_copy(update=changed)


def result(at: datetime, **changed: Any) -> Result:  # noqa: ANN401  the fields of a dataclass
    """Its answer."""
    return answer(facts(), question(**changed), made_at=at, progress=lambda _share: None)


def made_run(session: WriteSession, actor: Actor, told: Result, *, at: datetime) -> UUID:
    """An assessment that is made, as a worker leaves it."""
    row = CapacityRunRow(
        id=new_id(),
        organisation_id=actor.organisation_id,
        region=told.question.region,
        year=told.question.year,
        scenario=told.question.scenario.value,
        title=told.question.title,
        question=told.question.model_dump(mode="json"),
        asked_at=at,
        made_at=at,
        seconds=told.seconds,
        supply_g=told.totals.supply_g,
        unmatched_g=told.totals.unmatched_g,
        result=told.model_dump(mode="json"),
    )
    session.add(row)
    return row.id
