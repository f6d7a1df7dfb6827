"""What the records say of a region becomes supply, plants, permit items, approvals, residues and stores."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.support.capacity import (
    ASH,
    DRUMS,
    INCINERATOR,
    LANDFILL,
    MAKER,
    OTHER_ASH,
    SECOND_MAKER,
    TONNE,
    YEAR,
    a_permit,
    a_site,
    facts,
)
from wastetrack.capacity.asking import faults
from wastetrack.capacity.assembling import Assembled, assemble
from wastetrack.capacity.facts import (
    ApprovalFacts,
    FacilityFacts,
    Facts,
    OwnTreatmentFacts,
    TransferFacts,
    yearly_grams,
)
from wastetrack.capacity.permitted import days_in_force, share, year_of
from wastetrack.capacity.placing import supply_of
from wastetrack.capacity.result import GatheringCaution, SupplyGround
from wastetrack.parties.model import SiteKind
from wastetrack.parties.permits import PermitKind

MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def made(told: Facts, *, ground: SupplyGround = SupplyGround.PLAN, sharing: bool = False) -> Assembled:
    """The instance, which means something."""
    found = assemble(told, title="x", ground=ground, sharing=sharing, reach_km=None)
    assert faults(found.instance) == []
    return found


def supplied(told: Assembled) -> dict[tuple[str, str], int]:
    """What arises in a year by place and code."""
    sums: dict[tuple[str, str], int] = {}
    instance = told.instance
    for place, category, grams in zip(
        instance.supply.place, instance.supply.category, instance.supply.mass_g, strict=True
    ):
        key = (instance.places.ids[place], instance.categories[category].code)
        sums[key] = sums.get(key, 0) + int(grams)
    return sums


def taken(told: Assembled) -> set[tuple[str, str, str]]:
    """Which plant may take which code by which line."""
    lines, accepts = told.instance.lines, told.instance.accepts
    return {
        (
            told.instance.plants.ids[lines.plant[line]],
            told.lines[line].pattern,
            told.instance.categories[category].code,
        )
        for line, category in zip(accepts.line, accepts.category, strict=True)
    }


def test_large_sites_stand_for_themselves_and_small_ones_for_their_county() -> None:
    small = [a_site(SiteKind.PRODUCTION, "370602", 121.0 + place, 37.0) for place in range(2)]
    told = facts()
    sites = {**told.sites, **{site.id: site for site in small}}
    planned = {**told.planned_g, **{(site.id, DRUMS): 10 * TONNE for site in small}}
    found = made(replace(told, sites=sites, planned_g=planned))
    assert supplied(found) == {
        (str(MAKER.id), ASH): 12_000 * TONNE,
        (str(MAKER.id), DRUMS): 500 * TONNE,
        (str(SECOND_MAKER.id), ASH): 9_000 * TONNE,
        ("county:370602", DRUMS): 20 * TONNE,
    }
    county = found.instance.places.ids.index("county:370602")
    assert found.instance.places.longitude[county] == pytest.approx(121.5)
    assert found.instance.places.names[county] == "芝罘区"


def test_a_year_of_supply_is_spread_to_the_gram() -> None:
    months = supply_of(facts(planned_g={(MAKER.id, ASH): 1_000_001}), SupplyGround.PLAN).months[MAKER.id, ASH]
    assert sum(months) == 1_000_001
    assert max(months) - min(months) == 1


def test_the_ground_says_whether_plan_or_ledger_counts() -> None:
    months = (5 * TONNE,) * 12
    told = facts(arisen_g={(MAKER.id, DRUMS): months, (SECOND_MAKER.id, ASH): (1_000 * TONNE,) * 12})
    by_ledger = supply_of(told, SupplyGround.LEDGER).months
    assert {key: sum(months) // TONNE for key, months in by_ledger.items()} == {
        (MAKER.id, DRUMS): 60,
        (SECOND_MAKER.id, ASH): 12_000,
    }
    larger = supply_of(told, SupplyGround.LARGER)
    assert {key: sum(months) // TONNE for key, months in larger.months.items()} == {
        (MAKER.id, ASH): 12_000,
        (MAKER.id, DRUMS): 500,
        (SECOND_MAKER.id, ASH): 12_000,
    }
    assert larger.grounds == {SupplyGround.PLAN: 12_500 * TONNE, SupplyGround.LEDGER: 12_000 * TONNE}


def test_residues_and_what_a_station_collected_are_not_counted_twice() -> None:
    station = a_site(SiteKind.COLLECTION, "370602", 121.0, 37.0)
    told = facts()
    planned = {(station.id, DRUMS): 7 * TONNE, (INCINERATOR.id, OTHER_ASH): 9 * TONNE, (MAKER.id, DRUMS): TONNE}
    found = supply_of(
        replace(told, sites={**told.sites, station.id: station}, planned_g=planned), SupplyGround.PLAN
    ).months
    assert list(found) == [(MAKER.id, DRUMS)]


def test_a_code_has_its_own_line_before_that_of_its_class() -> None:
    told = facts(permits=(a_permit(LANDFILL, ("HW18", "D1", 20_000), (ASH, "D1", 6_000)),))
    plant = str(LANDFILL.id)
    assert taken(made(told)) == {(plant, "HW18", OTHER_ASH), (plant, ASH, ASH)}


def test_a_permit_to_collect_is_no_capacity() -> None:
    told = facts(permits=(a_permit(LANDFILL, ("HW18", "R15", 20_000), kind=PermitKind.COLLECTION),))
    assert made(told).instance.plants.ids == ()


def test_medical_methods_take_medical_waste_alone() -> None:
    told = facts(permits=(a_permit(INCINERATOR, ("HW49", "Y10", 10_000)),))
    assert taken(made(told)) == set()


def test_a_permit_counts_on_the_days_on_which_it_holds() -> None:
    permit = a_permit(LANDFILL, (ASH, "D1", 3_650))
    part = replace(
        permit,
        valid_from=date(YEAR, 2, 15),
        valid_to=date(YEAR, 11, 30),
        suspensions=(
            (date(YEAR, 3, 1), date(YEAR, 3, 10)),
            (date(YEAR, 3, 10), date(YEAR, 3, 12)),
            (date(YEAR, 11, 1), None),
        ),
    )
    assert days_in_force(part, YEAR) == (0, 14, 19, 30, 31, 30, 31, 31, 30, 31, 0, 0)
    year = year_of([part], [], YEAR)
    assert year.lines[0].first_month == 1
    assert year.lines[0].limit_g == sum(year.permitted_g) == 3_650 * TONNE * 247 // 365
    assert [grams // (10 * TONNE) for grams in year.permitted_g] == [0, 14, 19, 30, 31, 30, 31, 31, 30, 31, 0, 0]


def test_a_renewal_goes_on_with_the_same_line() -> None:
    first = replace(a_permit(LANDFILL, (ASH, "D1", 3_650)), valid_to=date(YEAR, 6, 30))
    second = replace(a_permit(LANDFILL, (ASH, "D1", 7_300)), valid_from=date(YEAR, 7, 1))
    year = year_of([first, second], [], YEAR)
    (line,) = year.lines
    assert line.id == first.items[0].id
    assert line.limit_g == (10 * 181 + 20 * 184) * TONNE
    assert year.permitted_g[:1] + year.permitted_g[-1:] == (310 * TONNE, 620 * TONNE)


def test_a_permit_renewed_before_the_old_one_ends_counts_once_on_the_days_of_both() -> None:
    """One tonne a day to the end of the year, renewed on 1 July: 365 t and not 365 + 184. Where the renewal allows two
    tonnes a day, these hold from 1 July: 181 + 2 × 184 = 549 t; a line of another method adds a tonne a day."""
    old = a_permit(LANDFILL, (ASH, "D1", 365))
    begins = date(YEAR, 7, 1)
    same = year_of([old, replace(a_permit(LANDFILL, (ASH, "D1", 365)), valid_from=begins)], [], YEAR)
    assert [line.limit_g for line in same.lines] == [365 * TONNE]
    assert same.effective_g == same.permitted_g == tuple(days * TONNE for days in MONTHS)
    for order in (1, -1):
        two = [old, replace(a_permit(LANDFILL, (ASH, "D1", 730)), valid_from=begins)]
        assert sum(year_of(two[::order], [], YEAR).permitted_g) == 549 * TONNE
    other = year_of([old, replace(a_permit(LANDFILL, (ASH, "D9", 365)), valid_from=begins)], [], YEAR)
    assert [line.limit_g for line in other.lines] == [365 * TONNE, 184 * TONNE]
    assert [line.first_month for line in other.lines] == [0, 6]


def test_a_suspended_permit_gives_way_to_the_one_that_repeats_it() -> None:
    """Two tonnes a day, of one tonne while it is suspended in March: 730 - 31 t."""
    larger = replace(a_permit(LANDFILL, (ASH, "D1", 730)), suspensions=((date(YEAR, 3, 1), date(YEAR, 3, 31)),))
    year = year_of([larger, a_permit(LANDFILL, (ASH, "D1", 365))], [], YEAR)
    assert sum(year.permitted_g) == 699 * TONNE
    assert year.permitted_g[2] == 31 * TONNE


def test_a_nameplate_below_the_permit_is_what_a_plant_can_do() -> None:
    built = FacilityFacts(LANDFILL.id, 365 * TONNE, date(YEAR - 3, 1, 1), date(YEAR, 6, 30))
    year = year_of([a_permit(LANDFILL, (ASH, "D1", 3_650))], [built], YEAR)
    assert year.has_nameplate
    assert year.effective_g == tuple(days * TONNE for days in MONTHS[:6]) + (0,) * 6
    assert sum(year.permitted_g) == 3_650 * TONNE


@pytest.mark.parametrize(
    ("capacity", "unit", "tonnes"),
    [
        ("3000", "t/a", 3_000),
        ("3000", "吨/年", 3_000),
        ("100", "t/d", 33_000),
        ("500", "kg/h", 3_960),
        ("2", "万吨/年", 20_000),
        ("7", "m³/d", None),
        ("7", "台", None),
    ],
)
def test_a_nameplate_is_read_in_its_unit(capacity: str, unit: str, tonnes: int | None) -> None:
    assert yearly_grams(Decimal(capacity), unit) == (None if tonnes is None else tonnes * TONNE)


def test_a_share_by_days_adds_up() -> None:
    assert sum(share(1_000_003, MONTHS, 365)) == 1_000_003


def test_a_plant_elsewhere_takes_what_plans_send_to_it() -> None:
    yantai = facts(
        region="3706",
        transfers=(
            TransferFacts(MAKER.id, LANDFILL.organisation_id, ASH, "D1", 2_000 * TONNE),
            TransferFacts(MAKER.id, INCINERATOR.organisation_id, DRUMS, "D10", 300 * TONNE),
        ),
        planned_g={(MAKER.id, ASH): 12_000 * TONNE, (MAKER.id, DRUMS): 500 * TONNE},
    )
    found = made(yantai).instance
    assert dict(zip(found.lines.ids, (found.lines.limit_g // TONNE).tolist(), strict=True)) == {
        f"{LANDFILL.id}:{ASH}:D1": 2_000,
        f"{INCINERATOR.id}:{DRUMS}:D10": 300,
    }
    assert taken(made(yantai)) == {(str(LANDFILL.id), ASH, ASH), (str(INCINERATOR.id), DRUMS, DRUMS)}


def test_a_plant_elsewhere_takes_no_more_than_its_permit_names() -> None:
    yantai = facts(
        region="3706",
        transfers=(
            TransferFacts(MAKER.id, LANDFILL.organisation_id, ASH, "D1", 5_000 * TONNE),
            TransferFacts(SECOND_MAKER.id, LANDFILL.organisation_id, ASH, "D1", 5_000 * TONNE),
            TransferFacts(MAKER.id, LANDFILL.organisation_id, ASH, "D10", 5_000 * TONNE),
            TransferFacts(MAKER.id, LANDFILL.organisation_id, DRUMS, "D1", 5_000 * TONNE),
        ),
        planned_g={(MAKER.id, ASH): 12_000 * TONNE},
    )
    found = made(yantai).instance
    assert (found.lines.ids, found.lines.limit_g.tolist()) == ((f"{LANDFILL.id}:{ASH}:D1",), [6_000 * TONNE])


def test_plants_of_the_province_that_no_plan_names_are_counted_or_told_of() -> None:
    """The landfill in Laixi may take 6,000 t of the ash, of which 1,500 t are booked; the incinerator none of it."""
    landfill = a_permit(LANDFILL, (ASH, "D1", 6_000))
    kiln = a_permit(INCINERATOR, ("HW49", "D10", 10_000))
    abroad = a_site(SiteKind.TREATMENT, "320102", 118.8, 32.0)
    yantai = facts(
        region="3706",
        planned_g={(MAKER.id, ASH): 12_000 * TONNE},
        permits=(landfill, kiln, a_permit(abroad, (ASH, "D1", 6_000))),
        booked_g={landfill.items[0].id: 1_500 * TONNE},
        residue_g={},
    )
    yantai = replace(yantai, sites={**yantai.sites, abroad.id: abroad})

    def found(told: Facts, *, free: bool) -> tuple[Assembled, dict[GatheringCaution, int]]:
        made_of = assemble(told, title="x", ground=SupplyGround.PLAN, sharing=False, free_elsewhere=free, reach_km=None)
        assert faults(made_of.instance) == []
        return made_of, {one.kind: one.count for one in made_of.cautions}

    without, told = found(yantai, free=False)
    assert (without.instance.plants.ids, told[GatheringCaution.LEFT_OUT]) == ((), 1)
    counted, told = found(yantai, free=True)
    assert counted.instance.plants.ids == (str(LANDFILL.id),)
    assert counted.instance.lines.limit_g.tolist() == [4_500 * TONNE]
    assert (GatheringCaution.LEFT_OUT in told, told[GatheringCaution.FREE_ELSEWHERE]) == (False, 1)
    # Whom a plan names counts once: with what it sends; where free room is asked for, with the larger of the two.
    for planned, room in ((500, 4_500), (5_000, 5_000)):
        plan = TransferFacts(MAKER.id, LANDFILL.organisation_id, ASH, "D1", planned * TONNE)
        sent = replace(yantai, transfers=(plan,))
        named, told = found(sent, free=False)
        assert named.instance.lines.limit_g.tolist() == [planned * TONNE]
        assert {GatheringCaution.LEFT_OUT, GatheringCaution.FREE_ELSEWHERE}.isdisjoint(told)
        named, told = found(sent, free=True)
        assert named.instance.plants.ids == (str(LANDFILL.id),)
        assert named.instance.lines.limit_g.tolist() == [room * TONNE]
        assert (GatheringCaution.LEFT_OUT in told, told[GatheringCaution.FREE_ELSEWHERE]) == (False, 1)
    # The whole province leaves nobody out.
    assert GatheringCaution.LEFT_OUT not in found(replace(yantai, region="37"), free=False)[1]


def test_across_a_border_goes_what_is_approved() -> None:
    abroad = a_site(SiteKind.TREATMENT, "320102", 118.8, 32.0)
    told = facts()
    approval = ApprovalFacts(MAKER.id, abroad.id, ASH, "D1", 800 * TONNE, "", crosses=True)
    found = made(replace(told, sites={**told.sites, abroad.id: abroad}, approvals=(approval, approval))).instance
    plant = found.plants.ids.index(str(abroad.id))
    assert (found.approvals.plant.tolist(), (found.approvals.limit_g // TONNE).tolist()) == ([plant], [1_600])
    assert found.places.ids[found.approvals.place[0]] == str(MAKER.id)


def test_who_treats_its_own_waste_takes_that_of_nobody_else_unless_the_group_shares() -> None:
    told = facts(
        own_treatment=(OwnTreatmentFacts(MAKER.id, DRUMS, "D10", 100 * TONNE),),
        facilities=(FacilityFacts(MAKER.id, 700 * TONNE, date(YEAR - 3, 1, 1), None),),
    )
    alone, shared = made(told), made(told, sharing=True)
    for found, tonnes in ((alone, 100), (shared, 700)):
        own = found.instance.plants.ids.index(f"own:{MAKER.id}")
        (line,) = [line for line, plant in enumerate(found.instance.lines.plant) if plant == own]
        assert found.instance.lines.limit_g[line] == tonnes * TONNE
        place = found.instance.places.ids.index(str(MAKER.id))
        assert found.instance.lines.group[line] == found.instance.places.group[place] >= 0


def test_a_group_shares_by_its_approval() -> None:
    sister = a_site(SiteKind.PRODUCTION, "370602", 121.3, 37.5)
    told = facts(own_treatment=(OwnTreatmentFacts(MAKER.id, DRUMS, "D10", 100 * TONNE),))
    told = replace(
        told,
        sites={**told.sites, sister.id: sister},
        planned_g={**told.planned_g, (sister.id, DRUMS): 20 * TONNE},
        approvals=(ApprovalFacts(sister.id, MAKER.id, DRUMS, "D10", 20 * TONNE, "某集团", crosses=False),),
    )

    def groups(found: Assembled) -> list[int]:
        places = found.instance.places
        names = [name for name in (str(MAKER.id), str(sister.id)) if name in places.ids]
        return [int(places.group[places.ids.index(name)]) for name in names]

    assert len(groups(made(told))) == 1  # the sister is one of its county's small sites
    one, other = groups(made(told, sharing=True))
    assert one == other


def test_what_treatment_left_comes_back_as_supply() -> None:
    residues = made(facts()).instance.residues
    assert residues.ratio.tolist() == [0.21]
    greedy = facts(residue_g={(INCINERATOR.id, OTHER_ASH): 2_000 * TONNE})
    assert made(greedy).instance.residues.ratio.tolist() == [0.95]


def test_stock_may_not_grow_over_a_month_nor_over_the_stores() -> None:
    stores = made(facts(stored_g={(SECOND_MAKER.id, ASH): 900 * TONNE})).instance.stores
    told = {
        (int(place), int(category)): (int(limit) // TONNE, int(opening) // TONNE)
        for place, category, limit, opening in zip(
            stores.place, stores.category, stores.limit_g, stores.opening_g, strict=True
        )
    }
    # 50 t of stores, 12,000 of 12,500 t of it for the ash; what lies there already may stay.
    assert sorted(told.values()) == [(2, 0), (48, 0), (900, 900)]


def test_what_the_reader_has_to_know_is_counted() -> None:
    silent = a_site(SiteKind.PRODUCTION, "370602", 121.0, 37.0)
    told = facts()
    found = made(replace(told, sites={**told.sites, silent.id: silent}))
    assert {one.kind: one.count for one in found.cautions} == {
        GatheringCaution.GREAT_CIRCLE: 0,
        GatheringCaution.NO_PRICE: 0,
        GatheringCaution.NO_PLAN: 1,
        GatheringCaution.NO_NAMEPLATE: 2,
    }
