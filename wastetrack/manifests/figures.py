"""Read from the database what the plain words say, and who of this person's signatures the manifest bears already."""

import json
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.containers.recording import Moment
from wastetrack.containers.statements import Words
from wastetrack.db.session import WriteSession
from wastetrack.manifests import words
from wastetrack.manifests.journey_model import DifferenceKind
from wastetrack.manifests.model import Act, CorrectionAct, CorrectionField
from wastetrack.manifests.sides import BothSides, SignedBefore, why_both
from wastetrack.manifests.tables import ManifestRow
from wastetrack.manifests.words import (
    CodeFigures,
    CorrectionFigures,
    FieldFigures,
    HandoverFigures,
    ManifestFigures,
    Name,
)
from wastetrack.mass import Mass

# One statement for each signature, whatever the manifest holds.
_READ = """
select
  (select json_object_agg(id, json_build_array(name, name_en))::text from organisations where id = any($2)) as names,
  (select json_agg(json_build_array(leg.carrier_id, firm.name, firm.name_en, vehicle.plate,
     leg.taken_over_at is not null, leg.checked) order by leg.position)::text
     from manifest_legs leg join vehicles vehicle on vehicle.id = leg.vehicle_id
     join organisations firm on firm.id = leg.carrier_id where leg.manifest_id = $1) as legs,
  (select json_agg(
     json_build_array(code, name, count, declared, taken, measured, rejected, missing) order by first)::text
     from (
       select line.waste_code as code, min(line.position) as first, count(*) as count,
         (array_agg(container.waste_name order by line.position))[1] as name,
         sum(line.declared_g) as declared, coalesce(sum(line.measured_g), 0) as measured,
         count(line.measured_g) as taken, count(*) filter (where line.outcome = 'rejected') as rejected,
         count(*) filter (where line.outcome = 'missing') as missing
       from manifest_containers line join containers container on container.id = line.container_id
       where line.manifest_id = $1 group by line.waste_code
     ) code) as codes,
  (select json_build_array(begins_on, ends_on)::text from manifest_periods where manifest_id = $1) as period,
  (select json_agg(json_build_array(waste_code, waste_name, records,
     case when $4 then planned_g else sent_g end, records, received_g, 0, 0) order by position)::text
     from manifest_totals where manifest_id = $1) as totals,
  (select json_agg(json_build_array(act, organisation_id))::text
     from manifest_signatures where manifest_id = $1 and person_id = $3) as before
"""
_NAME = "select name, name_en from organisations where id = $1"


async def read_out(
    session: WriteSession, actor: Actor, row: ManifestRow, act: Act, *, moment: Moment
) -> tuple[Words, BothSides | None]:
    """The words of an act on a manifest that its use case has written already; and why the signer may sign for two
    sides, if he does. Raises RuleBroken where he may not."""
    parties = [row.shipper_id, row.receiver_id, actor.organisation_id]
    found = await (await session.driver()).fetchrow(_READ, row.id, parties, actor.person_id, act is Act.OPEN)
    assert found is not None  # noqa: S101  a select without a table has one row
    names = {UUID(key): Name(*told) for key, told in json.loads(found["names"]).items()}
    before = [
        SignedBefore(
            words.side_of(Act(signed), is_receiver=UUID(firm) == row.receiver_id),
            UUID(firm),
        )
        for signed, firm in _listed(found["before"])
    ]
    side = words.side_of(act, is_receiver=actor.organisation_id == row.receiver_id)
    # What follows from a receipt is signed with it, by the receiver, who is the shipper of what goes back.
    both = None if act is Act.SEND_BACK else why_both(side, actor.organisation_id, before)
    legs = _listed(found["legs"])
    figures = ManifestFigures(
        number=row.number,
        organisation=names[actor.organisation_id],
        role=actor.role,
        shipper=names[row.shipper_id],
        receiver=names[row.receiver_id],
        method=row.method,
        planned_on=row.planned_on.isoformat(),
        legs=[(Name(name, name_en), plate) for _, name, name_en, plate, _, _ in legs],
        handover=_handover(legs) if act is Act.HAND_OVER else None,
        codes=[
            CodeFigures(code, name, *numbers) for code, name, *numbers in _listed(found["totals"] or found["codes"])
        ],
        period=tuple(_listed(found["period"])) or None,
        happened_at=moment.happened_at,
    )
    return words.of_act(act, figures, both_sides=both is not None), both


def _handover(legs: list[Any]) -> HandoverFigures | None:
    """Between which carriers the load changes hands just now, and what the next one has checked."""
    *_, before, now = [leg for leg in legs if leg[4]]
    checked = now[5]
    if checked is None:
        return None
    differences = [(DifferenceKind(one["what"]), one["code"]) for one in checked["differences"]]
    return HandoverFigures(Name(before[1], before[2]), checked["counted"], checked["how"] == "scan", differences)


def _listed(text: str | None) -> list[Any]:
    return json.loads(text) if text else []


async def read_out_field(
    session: WriteSession,
    actor: Actor,
    act: CorrectionAct,
    *,
    number: str | None,
    field: CorrectionField,
    leg: int,
    old: str,
    new: str,
    moment: Moment,
) -> Words:
    """The words of the correction of a field that is no mass."""
    found = await (await session.driver()).fetchrow(_NAME, actor.organisation_id)
    assert found is not None  # noqa: S101  an actor acts for an organisation
    return words.of_field_correction(
        act,
        FieldFigures(
            number=number,
            organisation=Name(found["name"], found["name_en"]),
            role=actor.role,
            field=field,
            leg=leg,
            old=old,
            new=new,
            happened_at=moment.happened_at,
        ),
    )


async def read_out_correction(
    session: WriteSession,
    actor: Actor,
    act: CorrectionAct,
    *,
    number: str | None,
    container: str,
    old_g: int,
    new_g: int,
    moment: Moment,
) -> Words:
    """The words of a correction."""
    found = await (await session.driver()).fetchrow(_NAME, actor.organisation_id)
    assert found is not None  # noqa: S101  an actor acts for an organisation
    return words.of_correction(
        act,
        CorrectionFigures(
            number=number,
            organisation=Name(found["name"], found["name_en"]),
            role=actor.role,
            container=container,
            old=Mass(old_g),
            new=Mass(new_g),
            happened_at=moment.happened_at,
        ),
    )
