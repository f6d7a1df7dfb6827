"""The plants of an instance: those of the region, what firms treat themselves, and receivers elsewhere. Pure.

Plants of the region can do what their permits and nameplates say. Plants elsewhere serve others too: they take what the
filed plans of the region send them, others of the province what their permits leave free where that is asked for, and
across a province's border what is approved.
"""

from collections import defaultdict
from dataclasses import replace
from uuid import UUID

from wastetrack.capacity.directing import add_directed
from wastetrack.capacity.facts import MONTHS, Facts, ItemFacts, PermitFacts, SiteFacts
from wastetrack.capacity.outages import months_left
from wastetrack.capacity.permitted import Allowed, year_of
from wastetrack.capacity.placing import Line, LineSource, Plant, Rows
from wastetrack.catalogues.waste_codes import parse
from wastetrack.parties.model import SiteKind
from wastetrack.parties.permits import PermitKind


def add_plants(rows: Rows) -> None:
    """All of them; the places of supply stand already."""
    _own_plants(rows)
    _plants_here(rows)
    _plants_elsewhere(rows)
    _plants_of_the_province(rows)
    add_directed(rows)


def _own_plants(rows: Rows) -> None:
    """Who treats its own waste, as its plan says; shared, as far as its facilities reach."""
    wanted: dict[UUID, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for one in rows.facts.own_treatment:
        if one.site_id in rows.facts.sites and one.planned_g:
            wanted[one.site_id][one.waste_code, one.method] += one.planned_g
    for site_id, items in wanted.items():
        site = rows.facts.sites[site_id]
        total = sum(items.values())
        built = sum(one.yearly_g or 0 for one in rows.facts.facilities if one.site_id == site_id)
        total = max(total, built) if rows.sharing else total
        place = rows.place_of(site)
        rows.plants.append(
            Plant(f"own:{site_id}", site.organisation, place, (total,) * MONTHS, total),
        )
        for (code, method), grams in sorted(items.items()):
            rows.lines.append(
                Line(
                    len(rows.plants) - 1,
                    LineSource(code, (method,)),
                    f"own:{site_id}:{code}:{method}",
                    total if rows.sharing else grams,
                    group=rows.group_of(site),
                    residue_site=site_id,
                    only=code,
                )
            )


def _plants_here(rows: Rows) -> None:
    held: dict[UUID, list[PermitFacts]] = defaultdict(list)
    for permit in rows.facts.permits:
        site = _site_of(rows.facts, permit)
        if permit.kind is not PermitKind.COLLECTION and site is not None and rows.facts.lies_here(site.id):
            held[site.id].append(permit)
    for site_id, permits in held.items():
        site = rows.facts.sites[site_id]
        facilities = [one for one in rows.facts.facilities if one.site_id == site_id]
        year = year_of(permits, facilities, rows.facts.year)
        if not year.lines:
            continue
        rows.without_nameplate += not year.has_nameplate
        limit = sum(line.limit_g for line in year.lines)
        storage = min(site.stores_g, max(year.effective_g))
        place = rows.place_of(site)
        left = months_left(
            ((first, last, lost) for at, first, last, lost in rows.facts.outages if at == site_id), rows.facts.year
        )
        months = tuple(int(grams * share) for grams, share in zip(year.effective_g, left, strict=True))
        rows.plants.append(Plant(str(site_id), site.organisation, place, months, limit, storage))
        rows.lines += [_line(rows, line, site_id) for line in year.lines]


def _line(rows: Rows, line: Allowed, site_id: UUID) -> Line:
    source = LineSource(line.pattern, line.methods)
    return Line(len(rows.plants) - 1, source, str(line.id), line.limit_g, first=line.first_month, residue_site=site_id)


def _site_of(facts: Facts, permit: PermitFacts) -> SiteFacts | None:
    """Where the holder treats: the permit's site, or the first of its own where it holds for all."""
    if permit.site_id is not None:
        return facts.sites.get(permit.site_id)
    own = [site for site in facts.sites.values() if site.organisation_id == permit.organisation_id]
    return min(own, key=lambda site: (site.kind is not SiteKind.TREATMENT, str(site.id)), default=None)


def _item_for(permit: PermitFacts, code: str, method: str) -> ItemFacts | None:
    """The line of a permit that a code falls under by a method; the code's own before that of its class."""
    lines = [item for item in permit.items if item.pattern in {code, parse(code).category} and method in item.methods]
    return min(lines, key=lambda item: item.pattern != code, default=None)


Sent = dict[UUID, dict[tuple[str, str], int]]
"""By site of a receiver, code and method."""


def _plants_elsewhere(rows: Rows) -> None:
    """Receivers outside the region: what plans send to them, and across the border what is approved.

    Those of the province for which more is asked stand with the others of the province.
    """
    sent = _planned_elsewhere(rows.facts)
    if rows.free_elsewhere:
        for site_id in [one for one in sent if _in_province(rows.facts, rows.facts.sites[one])]:
            del sent[site_id]
    crossing = [one for one in rows.facts.approvals if one.crosses]
    allowed: Sent = defaultdict(lambda: defaultdict(int))
    for approval in crossing:
        allowed[approval.receiver_site_id][approval.waste_code, approval.method] += approval.quantity_g
    for site_id, items in allowed.items():
        sent[site_id].update({key: max(sent[site_id][key], grams) for key, grams in items.items()})
    for site_id, items in sent.items():
        site, total = rows.facts.sites[site_id], sum(items.values())
        rows.plants.append(Plant(str(site_id), site.organisation, rows.place_of(site), (total,) * MONTHS, total))
        for (code, method), grams in sorted(items.items()):
            source = LineSource(code, (method,))
            rows.lines.append(Line(len(rows.plants) - 1, source, f"{site_id}:{code}:{method}", grams, only=code))
    numbers = {plant.id: number for number, plant in enumerate(rows.plants)}
    for approval in crossing:
        place = rows.places.get(str(approval.site_id))
        if place is not None:
            rows.approved[place, numbers[str(approval.receiver_site_id)], approval.waste_code] += approval.quantity_g


def _plants_of_the_province(rows: Rows) -> None:
    """Plants of the province outside the region: what their permits leave free in the year, but not less than what the
    region's plans send there, where that is asked for. Else those to which no plan sends are counted as left out. Their
    nameplates are not known here."""
    facts, there = rows.facts, {plant.id for plant in rows.plants}
    sent = _planned_elsewhere(facts)
    held: dict[UUID, list[PermitFacts]] = defaultdict(list)
    for permit in facts.permits:
        site = _site_of(facts, permit)
        if site is None or permit.kind is PermitKind.COLLECTION or facts.lies_here(site.id) or str(site.id) in there:
            continue
        if _in_province(facts, site):
            planned: dict[UUID, int] = defaultdict(int)
            for (code, method), grams in sent[site.id].items():
                if (item := _item_for(permit, code, method)) is not None:
                    planned[item.id] += grams
            free = (
                replace(one, yearly_g=max(one.yearly_g - facts.booked_g.get(one.id, 0), planned[one.id]))
                for one in permit.items
            )
            held[site.id].append(replace(permit, items=tuple(one for one in free if one.yearly_g > 0)))
    for site_id, permits in held.items():
        site, year = facts.sites[site_id], year_of(permits, (), facts.year)
        if not any(line.pattern in {code, parse(code).category} for line in year.lines for code in rows.codes):
            continue
        rows.province_plants += 1
        if rows.free_elsewhere:
            limit = sum(line.limit_g for line in year.lines)
            rows.plants.append(Plant(str(site_id), site.organisation, rows.place_of(site), year.effective_g, limit))
            rows.lines += [replace(_line(rows, line, site_id), residue_site=None) for line in year.lines]


def _in_province(facts: Facts, site: SiteFacts) -> bool:
    return site.region_code[:2] == facts.region[:2]


def _planned_elsewhere(facts: Facts) -> Sent:
    """What the region's plans send to plants elsewhere, as far as their permits name it."""
    held: dict[UUID, list[PermitFacts]] = defaultdict(list)
    for permit in facts.permits:
        if permit.kind is not PermitKind.COLLECTION:
            held[permit.organisation_id].append(permit)
    sent: Sent = defaultdict(lambda: defaultdict(int))
    for one in facts.transfers:
        for permit in held[one.receiver_id]:
            site, item = _site_of(facts, permit), _item_for(permit, one.waste_code, one.method)
            if site is not None and not facts.lies_here(site.id) and item is not None:
                key = (one.waste_code, one.method)
                sent[site.id][key] = min(sent[site.id][key] + one.planned_g, item.yearly_g)
                break
    return sent
