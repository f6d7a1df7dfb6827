"""What is signed for a whole trip, in plain words: each manifest of it by its own line."""

import json
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.containers.recording import Moment
from wastetrack.containers.statements import Words
from wastetrack.db.session import ReadSession
from wastetrack.i18n import LOCALES, Locale, message, translate
from wastetrack.manifests.words import Name, ending, heading
from wastetrack.mass import Mass


class TripAct(StrEnum):
    """What is signed for all manifests of a trip at once."""

    ARRIVE = "arrive"
    CLOSE = "close"


_ACTS: dict[TripAct, str] = {
    TripAct.ARRIVE: message("The loads of the {count} manifests of this trip stand at the receiver's gate:"),
    TripAct.CLOSE: message(
        "I have received everything on the {count} manifests of this trip and confirm them; each is closed with this:"
    ),
}
_LINE = message("{number}, {shipper}: {containers} containers, {declared} declared.")
_TAKEN = message("{number}, {shipper}: {containers} containers declared with {declared}, taken in with {measured}.")
_BY = message("By {carrier}, vehicle {plate}.")
_READ = """
select
  (select json_build_array(name, name_en)::text from organisations where id = $2) as organisation,
  (select json_build_array(firm.name, firm.name_en, vehicle.plate)::text from trips trip
     join organisations firm on firm.id = trip.carrier_id join vehicles vehicle on vehicle.id = trip.vehicle_id
     where trip.id = $1) as carriage,
  (select json_agg(json_build_array(manifest.number, shipper.name, shipper.name_en, loads.containers, loads.declared,
     loads.measured) order by stop.position)::text
   from trip_stops stop join manifests manifest on manifest.id = stop.manifest_id
   join organisations shipper on shipper.id = manifest.shipper_id
   cross join lateral (
     select count(*) as containers, sum(declared_g - spilled_g) as declared, coalesce(sum(measured_g), 0) as measured
     from manifest_containers line where line.manifest_id = manifest.id
   ) loads
   where stop.trip_id = $1 and manifest.id = any($3)) as manifests
"""


@dataclass(frozen=True, slots=True)
class _Stop:
    number: str
    shipper: Name
    containers: int
    declared: Mass
    measured: Mass


async def read_out_trip(
    session: ReadSession, actor: Actor, trip_id: UUID, act: TripAct, manifest_ids: list[UUID], *, moment: Moment
) -> Words:
    """The words of a step of a trip over these of its manifests."""
    found = await (await session.driver()).fetchrow(_READ, trip_id, actor.organisation_id, manifest_ids)
    assert found is not None  # noqa: S101  a select without a table has one row
    name, name_en, plate = json.loads(found["carriage"])
    stops = [
        _Stop(number, Name(shipper, shipper_en), containers, Mass(declared), Mass(measured))
        for number, shipper, shipper_en, containers, declared, measured in json.loads(found["manifests"])
    ]
    firm = Name(*json.loads(found["organisation"]))

    def lines(locale: Locale) -> list[str]:
        line = _LINE if act is TripAct.ARRIVE else _TAKEN
        return [
            heading(firm, actor.role, locale),
            translate(_ACTS[act], locale, count=len(stops)),
            *(
                translate(
                    line,
                    locale,
                    number=stop.number,
                    shipper=stop.shipper.within(locale),
                    containers=stop.containers,
                    declared=stop.declared.kg_text(),
                    measured=stop.measured.kg_text(),
                )
                for stop in stops
            ),
            translate(_BY, locale, carrier=Name(name, name_en).within(locale), plate=plate),
            *ending(moment.happened_at, locale),
        ]

    return {locale: "\n".join(lines(locale)) for locale in LOCALES}
