"""Change a store as long as what stands in it fits, and close it when nothing does."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.catalogues.jurisdiction import Jurisdiction, jurisdiction
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import record
from wastetrack.containers.standing import Standing, containment, limit_of, why_not_here
from wastetrack.containers.stores import standing_in
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, refuse
from wastetrack.mass import ZERO
from wastetrack.parties import queries as parties
from wastetrack.parties import store_queries
from wastetrack.parties.model import Store
from wastetrack.parties.storerooms import ChangeStore
from wastetrack.transparency.appending import Appended


async def change_store(
    session: WriteSession, actor: Actor, command: ChangeStore, *, at: datetime
) -> tuple[Store, Appended]:
    """Write a store as it is now. Raises NotFound, Forbidden, Conflict (its code is taken), RuleBroken: a zone stays a
    zone of its facility, and what stands there must fit."""
    place = await store_queries.place_for_use(session, command.store_id)
    old = place.store
    site = await parties.site(session, old.site_id)
    demand_own(actor, Verb.MANAGE_ORGANISATION, site.organisation_id)
    new = replace(old, code=command.code.strip(), name=command.name.strip(), limit=command.limit, room=command.room)
    refuse((*command.broken(), *_why_fixed(old, new)))
    standing = await standing_in(session, [place.facility.id])
    facility = new if place.facility.id == old.id else place.facility
    refuse(_why_unfit(new, facility, standing, jurisdiction()))
    await store_queries.keep(session, command)
    leaf = await record(
        session,
        actor,
        "store_changed",
        subjects=(old.id, site.id),
        moment=moment_of(None, at),
        facts={"site": str(site.id), "store": str(old.id), "before": _facts(old), "after": _facts(new)},
    )
    return new, leaf


async def close_store(session: WriteSession, actor: Actor, store_id: UUID, *, at: datetime) -> Appended:
    """Use a store no more. Raises NotFound, Forbidden, RuleBroken while anything stands there or zones are open."""
    place = await store_queries.place_for_use(session, store_id)
    store = place.store
    site = await parties.site(session, store.site_id)
    demand_own(actor, Verb.MANAGE_ORGANISATION, site.organisation_id)
    held = [one for one in await standing_in(session, [place.facility.id]) if one.store_id == store.id]
    broken = []
    if not store.is_open:
        broken.append(Broken("store_id", "store_closed", "Store {value} is closed.", store.code))
    if place.has_zones:
        message = "Store {value} has zones that are in use."
        broken.append(Broken("store_id", "store_has_zones", message, store.code, next_step="Close its zones first."))
    if held:
        message = "Store {value} still holds {held}."
        facts: dict[str, object] = {"held": sum((one.net for one in held), ZERO).kg_text()}
        step = "Send its waste away or put it into another store first."
        article = "GB 18597-2023 4.8"
        broken.append(
            Broken("store_id", "store_not_empty", message, store.code, article=article, facts=facts, next_step=step)
        )
    refuse(broken)
    await store_queries.close(session, store.id, at=at)
    return await record(
        session,
        actor,
        "store_closed",
        subjects=(store.id, site.id),
        moment=moment_of(None, at),
        facts={"site": str(site.id), "store": str(store.id), "before": _facts(store)},
    )


def _why_fixed(old: Store, new: Store) -> list[Broken]:
    if old.parent_id == new.parent_id:
        return []
    message = "Whether {value} is a zone, and of which facility, does not change."
    step = "Close it and add another one."
    return [Broken("parent_id", "zone_fixed", message, old.code, next_step=step)]


def _why_unfit(new: Store, facility: Store, standing: list[Standing], figures: Jurisdiction) -> list[Broken]:
    here = standing if facility is new else [one for one in standing if one.store_id == new.id]
    held = sum((one.net for one in here), ZERO)
    limit = limit_of(new, facility, figures)
    broken: list[Broken] = []
    if held > limit:
        message = "It holds {held} now; {value} is too little."
        facts: dict[str, object] = {"held": held.kg_text()}
        step = "Give a limit above what stands there, or send waste away first."
        broken.append(Broken("limit", "limit_below_stock", message, limit.kg_text(), "GB 18597-2023", step, facts))
    broken += [rule for rule in why_not_here(new, facility, standing, (), figures) if rule.code == "pool_of_one"]
    bund = containment(new, facility, here, figures)
    if not bund.suffices:
        message = "What stands there needs a containment of {needed} L; {value} L is too little."
        facts = {"needed": bund.needed_l}
        step = "Give the volume that the bund really holds, or send waste away first."
        broken.append(Broken("containment_l", "containment_too_small", message, bund.held_l, bund.article, step, facts))
    return broken


def _facts(store: Store) -> dict[str, object]:
    room = store.room
    return {
        "code": store.code,
        "name": store.name,
        "limit_g": store.limit.grams,
        "kind": room.kind.value,
        "facility_code": room.facility_code,
        "containment_l": room.containment_l,
        "temperature_c": room.temperature_c,
        "remote_disinfected": room.remote_disinfected,
        "area_m2": room.area_m2,
    }
