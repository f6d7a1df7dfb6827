"""Fill, weigh and label a container: from here on its kilograms are in the ledger."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues import hazards
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.catalogue import LIST_ARTICLE, Catalogue
from wastetrack.catalogues.compatibility import Content
from wastetrack.catalogues.general_wastes import is_general, parse_any
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.containers import queries
from wastetrack.containers.bases import TransferBasis
from wastetrack.containers.labels import DigitalCode
from wastetrack.containers.measuring import measured
from wastetrack.containers.model import (
    UNREMARKABLE,
    ContainerState,
    Description,
    LabelContainer,
    Packaging,
    Packed,
    Weighing,
    check_volume,
    check_weighing,
)
from wastetrack.containers.moments import moment_of
from wastetrack.containers.packaging_rules import Put, check_packing
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import Moment, record
from wastetrack.containers.standing import Standing
from wastetrack.containers.stores import check_store
from wastetrack.containers.tables import ContainerRow
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Malformed, refuse, refuse_one
from wastetrack.ids import new_id
from wastetrack.ledger import rules
from wastetrack.ledger.model import Entry
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Organisation, Site
from wastetrack.transparency.appending import Appended

# A label is made when the container is filled; older waste comes in as opening stock (product decision, not law).
OLDEST_LABEL = timedelta(days=366)
SERIALS = 999
"""The digital code has three digits for the containers of one waste of one day."""
NOTHING: Mapping[str, object] = MappingProxyType({})


async def label_container(
    session: WriteSession, actor: Actor, command: LabelContainer, *, at: datetime
) -> tuple[ContainerRow, Appended]:
    """Take a new container into the ledger and give it its digital code.

    Raises NotFound for the site or store, Forbidden, RuleBroken with every rule that the command breaks.
    """
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.LABEL, site.organisation_id)
    moment = moment_of(None, at)
    measure = await measured(session, command.weighing, site_id=site.id, at=at)
    lists = await catalogues.snapshot(session)
    command = replace(command, weighing=measure.weighing)
    broken = [*measure.broken, *check_label(lists, command, at)]
    # A code that is none cannot be judged beside others.
    if command.store_id is not None and not any(rule.field == "waste_code" for rule in broken):
        broken += await check_store(session, command.store_id, site.id, (coming_of(command),))
    refuse(broken)
    row = await add_container(
        session,
        site,
        command.description,
        packaging=command.packaging,
        volume_l=command.volume_l,
        weighing=command.weighing,
        moment=moment,
        generated_on=command.generated_on,
        store_id=command.store_id,
        packed=command.packed,
    )
    await measure.keep(session, site.organisation_id, row.id, at=at)
    made = rules.generated(site.id, row.waste_code, command.weighing.net, command.weighing.measurement())
    told = command.generation.facts()
    return row, await record_label(session, actor, row, moment=moment, entry=made, told=told)


def check_label(lists: Catalogue, command: LabelContainer, at: datetime) -> list[Broken]:
    """What may not be labelled so, the store left aside; for one container and for each of many."""
    return [
        *check_volume(command.volume_l, command.packaging),
        *check_weighing(command.weighing, command.volume_l),
        *check_description(lists, command.description, on=command.generated_on),
        *check_packed(command.description, command.packaging, command.packed),
        *check_day(command.generated_on, at),
    ]


def coming_of(command: LabelContainer) -> Standing:
    """The container as the store's rules judge it; it has no code of its own yet."""
    said = command.description
    code = str(parse_any(said.waste_code))
    return Standing(
        content=Content(code, tuple(said.hazards), said.compatibility),
        form=said.form.value,
        net=command.weighing.net,
        volume_l=command.volume_l,
        largest_l=command.volume_l,
        digital_code=said.waste_name,
    )


def check_description(lists: Catalogue, description: Description, *, on: date, field: str = "") -> list[Broken]:
    """What a label may not say: a code that is not in the day's list, hazards that cannot be the code's, no name.

    `field` goes before each field's name where there are several descriptions (`residues.0.`).
    """
    broken = list(lists.why_not_code(description.waste_code, on, field=f"{field}waste_code"))
    general = is_general(description.waste_code)
    try:
        letters = hazards.parse_letters(description.hazards)
    except Malformed as unreadable:
        shown = ", ".join(description.hazards)
        step = "Choose among T, C, I, R and In."
        broken.append(unreadable.as_broken(f"{field}hazards", shown, article=LIST_ARTICLE, next_step=step))
    else:
        if general and letters:
            message = "General industrial solid waste has no hazards; {value} are named."
            step = "Take them off; or, if it was identified as hazardous, give the code of a hazardous waste."
            shown = ", ".join(description.hazards)
            broken.append(Broken(f"{field}hazards", "general_waste_hazardous", message, shown, LIST_ARTICLE, step))
        elif not general and not broken:
            listed = lists.waste(description.waste_code, on).hazards
            broken += listed.why_not(letters, field=f"{field}hazards")
    if not description.waste_name.strip():
        step = "Give the name that the management plan uses."
        broken.append(Broken(f"{field}waste_name", "waste_name_missing", "The waste has no name.", next_step=step))
    return broken


def check_packed(
    description: Description, packaging: Packaging, packed: Packed, *, field: str = ""
) -> tuple[Broken, ...]:
    """What may not be packed so (medical waste); a code that cannot be read is refused by its own rule."""
    try:
        code = str(parse_any(description.waste_code))
    except Malformed:
        return ()
    put = Put(waste_code=code, form=description.form, packaging=packaging, packed=packed)
    return check_packing(put, fill_limit_percent=jurisdiction().medical_fill_percent.value, field=field)


def check_day(generated_on: date, at: datetime) -> tuple[Broken, ...]:
    """Whether a container can have been filled that day, and be labelled as new today."""
    if legal_day(at) - OLDEST_LABEL <= generated_on <= legal_day(at):
        return ()
    message = "The day of generation {value} is in the future or more than a year ago."
    step = "Give the day on which the container was filled; older stock is entered as opening stock."
    return (Broken("generated_on", "generated_on_implausible", message, generated_on.isoformat(), next_step=step),)


async def add_container(
    session: WriteSession,
    site: Site,
    description: Description,
    *,
    packaging: Packaging,
    volume_l: int,
    weighing: Weighing,
    moment: Moment,
    generated_on: date,
    store_id: UUID | None = None,
    since: datetime | None = None,
    packed: Packed = UNREMARKABLE,
    like: ContainerRow | None = None,
) -> ContainerRow:
    """Write the row of a container that stands at a site, with the next digital code, and show it to its own.

    `since` is when its content came to stand at this site, if not now: its terms of storage go on. `like`: the
    container whose content it holds, on the same ground.
    """
    unit = await parties.organisation(session, site.organisation_id)
    waste_code = str(parse_any(description.waste_code))  # one spelling, or one waste would have two accounts
    row = ContainerRow(
        **container_values(
            site,
            description,
            waste_code=waste_code,
            digital_code=await _next_code(session, unit, waste_code, generated_on),
            packaging=packaging,
            volume_l=volume_l,
            weighing=weighing,
            moment=moment,
            generated_on=generated_on,
            store_id=store_id,
            since=since,
            packed=packed,
            like=like,
        )
    )
    session.add(row)
    await session.flush()  # the log and the lineage name the row
    await show(session, queries.KIND, row.id, (viewer_of_organisation(unit.id), *viewers_of_region(site.region_code)))
    return row


def container_values(
    site: Site,
    description: Description,
    *,
    waste_code: str,
    digital_code: DigitalCode,
    packaging: Packaging,
    volume_l: int,
    weighing: Weighing,
    moment: Moment,
    generated_on: date,
    store_id: UUID | None,
    since: datetime | None,
    packed: Packed,
    like: ContainerRow | None = None,
) -> dict[str, Any]:
    """The columns of a container that stands at a site; those that are not named have their defaults."""
    return dict(
        id=new_id(),
        digital_code=str(digital_code),
        organisation_id=site.organisation_id,
        made_at_site_id=site.id,
        state=ContainerState.AT_SITE.value,
        site_id=site.id,
        store_id=store_id,
        waste_code=waste_code,
        packaging=packaging.value,
        volume_l=volume_l,
        gross_g=weighing.gross.grams,
        tare_g=weighing.tare.grams,
        net_g=weighing.net.grams,
        method=weighing.method.value,
        scale_id=weighing.scale_id,
        uncertainty_g=weighing.measurement().uncertainty_g,
        generated_on=generated_on,
        department=packed.department.strip(),
        layers=packed.layers,
        filled_percent=packed.filled_percent,
        highly_infectious=packed.highly_infectious,
        basis=TransferBasis.PERMIT.value if like is None else like.basis,
        basis_method=None if like is None else like.basis_method,
        created_at=moment.recorded_at,
        stands_since=since or moment.happened_at,
        **_described(description),
    )


def _described(description: Description) -> dict[str, Any]:
    """The columns that say what the content is."""
    return {
        "waste_name": description.waste_name,
        "form": description.form.value,
        "hazards": list(description.hazards),
        "main_components": description.main_components,
        "harmful_components": description.harmful_components,
        "precautions": description.precautions,
        "remarks": description.remarks,
        "compatibility": description.compatibility,
    }


async def _next_code(session: WriteSession, unit: Organisation, waste_code: str, day: date) -> DigitalCode:
    """The next digital code of a unit's waste on a day. Raises RuleBroken when the three digits are used up."""
    serial = await queries.next_serial(session, unit.id, waste_code, day)
    if serial > SERIALS:
        message = "All {limit} codes of {waste_code} on {day} are used (the serial has three digits, HJ 1276-2022)."
        facts: dict[str, object] = {"limit": SERIALS, "waste_code": waste_code, "day": str(day)}
        refuse_one("generated_on", "serials_used_up", message, facts=facts, next_step="Use fuller containers.")
    return DigitalCode.make(credit_code=unit.credit_code, waste_code=waste_code, generated_on=day, serial=serial)


async def record_label(
    session: WriteSession,
    actor: Actor,
    row: ContainerRow,
    *,
    moment: Moment,
    entry: Entry | None,
    made_by: UUID | None = None,
    reason: str = "",
    told: Mapping[str, object] = NOTHING,
) -> Appended:
    """The event that a container exists; `made_by` is the event of the repacking or treatment that filled it, `told`
    what the ledgers ask beside it."""
    return await record(
        session,
        actor,
        "container_labelled",
        subjects=(row.id, row.made_at_site_id),
        moment=moment,
        facts={**label_facts(row), **told}
        | ({} if made_by is None else {"made_by": str(made_by)})
        | ({"reason": reason} if reason else {}),
        entry=entry,
    )


def label_facts(row: ContainerRow) -> dict[str, object]:
    """What the log says of a container: its code, content and weighing."""
    return {
        "container": str(row.id),
        "digital_code": row.digital_code,
        "waste_code": row.waste_code,
        "waste_name": row.waste_name,
        "form": row.form,
        "hazards": list(row.hazards),
        "site": str(row.made_at_site_id),
        "store": None if row.store_id is None else str(row.store_id),
        "packaging": row.packaging,
        "volume_l": row.volume_l,
        "gross_g": row.gross_g,
        "tare_g": row.tare_g,
        "net_g": row.net_g,
        "method": row.method,
        "scale": row.scale_id,
        "uncertainty_g": row.uncertainty_g,
        "generated_on": row.generated_on.isoformat(),
        **_packed_facts(row),
    }


def _packed_facts(row: ContainerRow) -> dict[str, object]:
    """How it was packed, where there is something to say of it."""
    facts: dict[str, object] = {
        "department": row.department or None,
        "layers": row.layers if row.layers > 1 else None,
        "filled_percent": row.filled_percent,
        "highly_infectious": row.highly_infectious or None,
    }
    return {name: fact for name, fact in facts.items() if fact is not None}
