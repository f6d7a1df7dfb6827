"""What a device takes along: papers, containers, permits by day, stores, and the table of decisions, all as data.

Sentences that the device makes itself stand in its page; rules that were judged here travel as sentences in both
languages.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.catalogues.compatibility import Content, incompatible
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, Jurisdiction, jurisdiction, legal_day
from wastetrack.containers import expected
from wastetrack.containers.expected import Expected
from wastetrack.containers.labels import DigitalCode, deployment_base, make_label_text
from wastetrack.containers.model import DENSEST_G_PER_L, HEAVIEST, VAGUEST_G, Form
from wastetrack.containers.standing import Standing, limit_of
from wastetrack.containers.stores import standing_in
from wastetrack.db.session import ReadSession
from wastetrack.errors import Broken
from wastetrack.gates.model import Device
from wastetrack.i18n import LOCALES, label, translate
from wastetrack.manifests import deciding, expecting
from wastetrack.manifests.expecting import Coming, ComingLine, Spell
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Store
from wastetrack.parties.storerooms import StoreKind

GOOD_FOR = timedelta(days=7)
"""After so long a device that could not fetch a newer list stops deciding."""

Kind = tuple[str, tuple[str, ...], str | None, str]


async def pack(
    session: ReadSession, actor: Actor, device: Device, labels: tuple[str, bytes], *, at: datetime
) -> dict[str, Any]:
    """Everything that the device needs to decide on its own for some days. `labels`: address and key of the labels."""
    today = legal_day(at)
    days = tuple(today + timedelta(days=more) for more in range(-1, GOOD_FOR.days + 1))
    coming = await expecting.coming_to(session, actor, device.site_id, on=today)
    ids = [paper.id for paper in coming]
    lines = await expecting.lines_coming(session, ids)
    known = {one.container_id: one for one in await expected.expected_at(session, device.site_id, ids)}
    permitted = await expecting.permitted_on(session, (device.organisation_id, device.site_id), coming, lines, days)
    site = await parties.site(session, device.site_id)
    stores = await parties.stores_of(session, actor, device.site_id)
    standing = await standing_in(session, [store.id for store in stores if store.parent_id is None])
    kinds = sorted({kind_of(known[line.container_id], line.waste_code) for line in lines}, key=repr)
    figures = jurisdiction()
    return {
        "made_at": at.isoformat(),
        "good_until": (at + GOOD_FOR).isoformat(),
        "site": {"id": str(site.id), "name": site.name},
        "device": {"id": str(device.id), "name": device.name},
        "base": deployment_base(labels[0]),
        "legal_offset_minutes": int((at.astimezone(LEGAL_ZONE).utcoffset() or timedelta()).total_seconds() // 60),
        "rulings": deciding.as_data(),
        "figures": figures_document(figures),
        "manifests": [paper_document(paper, permitted[paper.id]) for paper in coming],
        "lines": [line_document(line, known[line.container_id], kinds, labels) for line in lines],
        **stores_document(stores, standing, kinds, figures),
    }


def kind_of(container: Expected, waste_code: str) -> Kind:
    """What matters of a content where it stands beside others."""
    return (waste_code, tuple(container.hazards), container.compatibility, container.form)


def paper_document(paper: Coming, permitted: Any) -> dict[str, Any]:  # noqa: ANN401  code → spells
    """A paper, with the days on which each of its codes may come in."""
    return {
        "id": str(paper.id),
        "number": paper.number,
        "state": paper.state.value,
        "comes_back": paper.comes_back,
        "shipper": paper.shipper,
        "plates": list(paper.plates),
        "since": None if paper.since is None else paper.since.isoformat(),
        "permitted": {code: [spell_document(spell) for spell in spells] for code, spells in permitted.items()},
    }


def spell_document(spell: Spell) -> dict[str, Any]:
    """Days under the same rules."""
    return {
        "from": spell.from_on.isoformat(),
        "to": spell.to_on.isoformat(),
        "broken": [broken_document(rule) for rule in spell.broken],
    }


def broken_document(rule: Broken) -> dict[str, str]:
    """A rule that was judged here, as sentences in both languages."""
    facts = {"value": rule.value, **rule.facts}
    return {
        "code": rule.code,
        "en": translate(rule.message, "en", **facts),
        "zh": translate(rule.message, "zh", **facts),
    }


def line_document(
    line: ComingLine, container: Expected, kinds: Sequence[Kind], labels: tuple[str, bytes]
) -> dict[str, Any]:
    """A container, with the digests of its labels up to the valid one: they tell a true label where no key is held."""
    code = DigitalCode.parse(container.digital_code)
    revisions = range(1, container.label_revision + 1)
    return {
        "manifest": str(line.manifest_id),
        "container": str(line.container_id),
        "code": container.digital_code,
        "waste_code": line.waste_code,
        "waste_name": container.waste_name,
        "declared_g": line.declared_g,
        "declared_uncertainty_g": line.declared_uncertainty_g,
        "tare_g": container.tare_g,
        "volume_l": container.volume_l,
        "revision": container.label_revision,
        "digests": [_digest(make_label_text(labels[0], code, labels[1], revision)) for revision in revisions],
        "outcome": None if line.outcome is None else line.outcome.value,
        "mismatch": line.mismatch,
        "kind": kinds.index(kind_of(container, line.waste_code)),
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.upper().encode()).hexdigest()


def figures_document(figures: Jurisdiction) -> dict[str, int]:
    """By which figures a mass is judged."""
    return {
        "tolerance_per_mille": figures.weight_tolerance.value,
        "tolerance_floor_g": figures.weight_tolerance_floor.value,
        "heaviest_g": HEAVIEST.grams,
        "densest_g_per_l": DENSEST_G_PER_L,
        "vaguest_g": VAGUEST_G,
    }


def stores_document(
    stores: Sequence[Store], standing: Sequence[Standing], kinds: Sequence[Kind], figures: Jurisdiction
) -> dict[str, Any]:
    """Stores with what stands in them, and which contents must not meet. Contents that stand here are numbered on from
    those that come."""
    here = sorted({_kind_standing(one) for one in standing} - set(kinds), key=repr)
    every = [*kinds, *here]
    in_use = [store for store in stores if store.is_open]
    divided = {store.parent_id for store in in_use}
    facilities = {store.id: store for store in in_use if store.parent_id is None}
    within = {store.id: store.parent_id or store.id for store in stores}
    return {
        "kinds": [{"waste_code": kind[0], "liquid": kind[3] == Form.LIQUID.value} for kind in every],
        "incompatible": _meetings(every),
        "stores": [
            _store(store, facilities[within[store.id]], _in(within, within[store.id], standing), every, figures)
            for store in in_use
            if store.id not in divided and within[store.id] in facilities
        ],
    }


def _kind_standing(one: Standing) -> Kind:
    return (one.content.waste_code, one.content.hazards, one.content.stated, one.form)


def _meetings(every: Sequence[Kind]) -> list[dict[str, Any]]:
    found = []
    for (here, mine), (there, theirs) in combinations(enumerate(every), 2):
        pair = incompatible(Content(*mine[:3]), Content(*theirs[:3]))
        if pair is not None:
            words = {"one": pair.one, "theirs": pair.other, "danger": pair.danger}
            said = {name: {locale: label(word, locale) for locale in LOCALES} for name, word in words.items()}
            found.append({"kinds": [here, there], **said})
    return found


def _in(within: dict[UUID, UUID], facility_id: UUID, standing: Sequence[Standing]) -> list[Standing]:
    return [one for one in standing if one.store_id is not None and within.get(one.store_id) == facility_id]


def _store(
    store: Store, facility: Store, in_facility: Sequence[Standing], every: Sequence[Kind], figures: Jurisdiction
) -> dict[str, Any]:
    here = [one for one in in_facility if one.store_id == store.id]
    bund = facility if store.room.containment_l is None else store
    drained = here if bund is store and store is not facility else in_facility
    return {
        "id": str(store.id),
        "code": store.code,
        "name": store.name,
        "facility": str(facility.id),
        "facility_code": facility.code,
        "limit_g": limit_of(store, facility, figures).grams,
        "facility_limit_g": limit_of(facility, facility, figures).grams,
        "spot_limit_g": figures.storage_spot_limit.value if facility.kind is StoreKind.SPOT else None,
        "held_g": sum(one.net.grams for one in here),
        "facility_held_g": sum(one.net.grams for one in in_facility),
        "kinds": sorted({every.index(_kind_standing(one)) for one in here}),
        "pool": facility.kind is StoreKind.POOL,
        "facility_kinds": sorted({every.index(_kind_standing(one)) for one in in_facility}),
        "bund": {
            "of": str(bund.id),
            "code": bund.code,
            "held_l": bund.room.containment_l,
            "tank_farm": facility.kind is StoreKind.TANK_FARM,
            "per_mille": figures.containment_per_mille.value,
            "total_l": sum(one.volume_l for one in drained if one.form == Form.LIQUID.value),
            "largest_l": max((one.largest_l for one in drained if one.form == Form.LIQUID.value), default=0),
        },
    }
