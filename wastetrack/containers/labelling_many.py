"""Many containers filled, weighed and labelled at once: judged each by the rules of one, written by set.

Each has its own digital code, its own entry in the ledger and its own event in the log, as if it had been labelled
alone; but what is asked of the database does not grow with their number.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import sqlalchemy as sa

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show_many, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.general_wastes import parse_any
from wastetrack.catalogues.jurisdiction import Jurisdiction, jurisdiction
from wastetrack.containers import queries
from wastetrack.containers.labelling import SERIALS, check_label, coming_of, container_values, label_facts
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.model import LabelContainer
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Happening, record_many
from wastetrack.containers.serials import serials_given, take_serials
from wastetrack.containers.standing import Standing, why_not_here
from wastetrack.containers.stores import standing_in, why_not_used
from wastetrack.containers.tables import ContainerRow
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken
from wastetrack.ledger import rules
from wastetrack.ledger.model import Entry, Measurement
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site
from wastetrack.parties.store_queries import Place, place_for_use

Found = dict[int, list[Broken]]
"""The place of a command among the others → every rule that it breaks."""
Told = Callable[[int], Awaitable[None]]
"""Hears how many are behind us."""
Judge = Callable[[Catalogue, LabelContainer, datetime], list[Broken]]
_AT_A_TIME = 250


async def nobody_asks(_done: int) -> None:
    """Where nobody waits for the progress."""


async def why_not_label(
    session: WriteSession,
    actor: Actor,
    site_id: UUID,
    commands: Mapping[int, LabelContainer],
    *,
    at: datetime,
    told: Told = nobody_asks,
    asked_back: Collection[str] = (),
    judge: Judge = check_label,
) -> Found:
    """What forbids these containers of one site: each by its own rules, then all together in their stores and serials.

    `asked_back`: codes of rules that whoever asks may still answer; they do not end the examination of a container.
    `judge`: the rules of one, the store and the serials left aside.
    Raises NotFound for the site, Forbidden.
    """
    site = await parties.site(session, site_id)
    demand_own(actor, Verb.LABEL, site.organisation_id)
    lists = await catalogues.snapshot(session)
    found: Found = {}
    for number, (place, command) in enumerate(commands.items(), start=1):
        if broken := judge(lists, command, at):
            found[place] = broken
        if number % _AT_A_TIME == 0:
            await told(number)
            await asyncio.sleep(0)
    bad = {place for place, broken in found.items() if any(one.code not in asked_back for one in broken)}
    sound = {place: command for place, command in commands.items() if place not in bad}
    for broken_of in (await _why_not_store(session, site, sound), await _why_no_serial(session, site, sound)):
        for place, broken in broken_of.items():
            found[place] = [*found.get(place, ()), *broken]
    return found


@dataclass(frozen=True, slots=True)
class Entering:
    """How a container comes into the ledger: what the log says besides, by which entry, since when it stands there."""

    told: Mapping[str, object]
    entry: Callable[[UUID, str, Mass, Measurement], Entry] = rules.generated
    since: datetime | None = None


async def label_many(
    session: WriteSession,
    actor: Actor,
    site_id: UUID,
    commands: Sequence[LabelContainer],
    *,
    at: datetime,
    told: Told = nobody_asks,
) -> list[ContainerRow]:
    """Take containers into the ledger that `why_not_label` has found nothing against, in this transaction."""
    entering = [Entering(told=command.generation.facts()) for command in commands]
    return await take_many(session, actor, site_id, commands, entering, at=at, told=told)


async def take_many(
    session: WriteSession,
    actor: Actor,
    site_id: UUID,
    commands: Sequence[LabelContainer],
    entering: Sequence[Entering],
    *,
    at: datetime,
    told: Told,
) -> list[ContainerRow]:
    """Take containers into the ledger, each as it comes there."""
    site = await parties.site(session, site_id)
    demand_own(actor, Verb.LABEL, site.organisation_id)
    rows = await _written(session, site, commands, entering, at=at)
    await show_many(
        session,
        queries.KIND,
        [row.id for row in rows],
        (viewer_of_organisation(site.organisation_id), *viewers_of_region(site.region_code)),
    )
    moment = moment_of(None, at)
    together = list(zip(rows, commands, entering, strict=True))
    for first in range(0, len(rows), _IN_ONE_STATEMENT):
        happenings = [
            Happening(
                subjects=(row.id, row.made_at_site_id),
                facts={**label_facts(row), **coming.told},
                entry=coming.entry(site.id, row.waste_code, command.weighing.net, command.weighing.measurement()),
            )
            for row, command, coming in together[first : first + _IN_ONE_STATEMENT]
        ]
        await record_many(session, actor, "container_labelled", happenings, moment=moment)
        await told(first + len(happenings))
        await asyncio.sleep(0)
    return rows


_IN_ONE_STATEMENT = 1_000


async def _written(
    session: WriteSession,
    site: Site,
    commands: Sequence[LabelContainer],
    entering: Sequence[Entering],
    *,
    at: datetime,
) -> list[ContainerRow]:
    unit = await parties.organisation(session, site.organisation_id)
    days = [_day_of(command) for command in commands]
    wanted = Counter(days)
    last = await take_serials(session, unit.id, wanted)
    ahead = {day: last[day] - count for day, count in wanted.items()}
    moment = moment_of(None, at)
    rows = []
    for command, day, coming in zip(commands, days, entering, strict=True):
        ahead[day] += 1
        code, on = day
        rows.append(
            container_values(
                site,
                command.description,
                waste_code=code,
                digital_code=DigitalCode.make(
                    credit_code=unit.credit_code, waste_code=code, generated_on=on, serial=ahead[day]
                ),
                packaging=command.packaging,
                volume_l=command.volume_l,
                weighing=command.weighing,
                moment=moment,
                generated_on=on,
                store_id=command.store_id,
                since=coming.since,
                packed=command.packed,
            )
        )
    await session.execute(sa.insert(ContainerRow), rows, execution_options={"render_nulls": True})
    # What the log says of a row it reads off its columns; the mapper's own objects would take half of the time.
    return [cast("ContainerRow", SimpleNamespace(**row)) for row in rows]


def _day_of(command: LabelContainer) -> tuple[str, date]:
    return str(parse_any(command.description.waste_code)), command.generated_on


async def _why_no_serial(session: WriteSession, site: Site, commands: Mapping[int, LabelContainer]) -> Found:
    """Those for which the three digits of the digital code are used up."""
    days = {place: _day_of(command) for place, command in commands.items()}
    given = Counter(await serials_given(session, site.organisation_id, set(days.values())))
    found: Found = {}
    for place, day in days.items():
        given[day] += 1
        if given[day] > SERIALS:
            message = "All {limit} codes of {waste_code} on {day} are used (the serial has three digits, HJ 1276-2022)."
            facts: dict[str, object] = {"limit": SERIALS, "waste_code": day[0], "day": str(day[1])}
            step = "Use fuller containers."
            found[place] = [Broken("generated_on", "serials_used_up", message, facts=facts, next_step=step)]
    return found


async def _why_not_store(session: WriteSession, site: Site, commands: Mapping[int, LabelContainer]) -> Found:
    """Those that their store cannot take, with what stands there and with those of the list before them."""
    by_store: dict[UUID, list[int]] = defaultdict(list)
    for place, command in commands.items():
        if command.store_id is not None:
            by_store[command.store_id].append(place)
    places = {store_id: await place_for_use(session, store_id) for store_id in sorted(by_store)}  # one per store
    found: Found = {}
    for store_id, used in places.items():
        if broken := why_not_used(used, site.id):
            found |= dict.fromkeys(by_store.pop(store_id), broken)
    facilities = {places[store_id].facility.id for store_id in by_store}
    of_facility = {one: await standing_in(session, (one,)) for one in sorted(facilities)}  # a site has few
    for store_id, numbers in by_store.items():
        here = of_facility[places[store_id].facility.id]
        found |= _why_not_here(places[store_id], here, {number: commands[number] for number in numbers})
    return found


def _why_not_here(place: Place, here: list[Standing], commands: Mapping[int, LabelContainer]) -> Found:
    """Those that break a rule of this place; `here` is what stands in its facility, and gains what may come."""
    figures = jurisdiction()
    together = _added_up(_in(place, command) for command in commands.values())
    if not why_not_here(place.store, place.facility, here, together, figures):
        here += together
        return {}
    return _one_by_one(place, here, commands, figures)


def _one_by_one(
    place: Place, here: list[Standing], commands: Mapping[int, LabelContainer], figures: Jurisdiction
) -> Found:
    found: Found = {}
    for number, command in commands.items():
        coming = _in(place, command)
        if broken := why_not_here(place.store, place.facility, here, (coming,), figures):
            found[number] = broken
        else:
            here[:] = _added_up([*here, coming])
    return found


def _in(place: Place, command: LabelContainer) -> Standing:
    return replace(coming_of(command), store_id=place.store.id)


def _added_up(standing: Iterable[Standing]) -> list[Standing]:
    """Containers of like content in one store as one, as the rules see them."""
    sums: dict[object, Standing] = {}
    for one in standing:
        key = (one.store_id, one.content, one.form)
        before = sums.get(key)
        sums[key] = (
            one
            if before is None
            else replace(
                before,
                net=before.net + one.net,
                volume_l=before.volume_l + one.volume_l,
                largest_l=max(before.largest_l, one.largest_l),
            )
        )
    return list(sums.values())
