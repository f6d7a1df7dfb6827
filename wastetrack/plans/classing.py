"""Find out of which class a site is; let its authority say so (HJ 1259-2022, 4.2)."""

from datetime import date, datetime
from uuid import UUID

from wastetrack.auth import sight
from wastetrack.auth.model import Actor, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.containers.recording import Appended, Moment, record
from wastetrack.db.session import ReadSession, WriteSession
from wastetrack.errors import Forbidden, refuse
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.parties import field_rules, policy, queries
from wastetrack.parties.facilities import OWN_TREATMENT, Facility
from wastetrack.parties.model import Site
from wastetrack.parties.permit_queries import permits_of
from wastetrack.plans import queries as plans
from wastetrack.plans.actuals import Actuals
from wastetrack.plans.content import Unit
from wastetrack.plans.model import SetClass
from wastetrack.plans.policy import Classification, Grounds, Thresholds, classify
from wastetrack.plans.tables import SetClassRow

CLASS_KIND = "set_class"
_PREFECTURE_DIGITS = 4
_TONNE = 1_000_000


def thresholds() -> Thresholds:
    """As the jurisdiction has them."""
    figures = jurisdiction()
    return Thresholds(
        key=Mass(figures.key_supervision_tonnes.value * _TONNE),
        simplified=Mass(figures.simplified_tonnes.value * _TONNE),
    )


async def class_of(
    session: ReadSession,
    site: Site,
    unit: Unit,
    *,
    year: int,
    on: date,
    actuals: Actuals,
    facilities: tuple[Facility, ...],
) -> Classification:
    """Of which class a site is in the plan of a year, judged on a day."""
    set_class = await plans.set_class_of(session, site.id)
    permits = await permits_of(session, site.organisation_id, site_id=site.id, on=on)
    grounds = Grounds(
        year=year,
        on=on,
        generated=actuals.by_year(),
        operating_since=unit.operating_since,
        intermittent=unit.intermittent,
        approved=None if unit.approved is None else unit.approved.mass(),
        before_records=None if unit.before_records is None else unit.before_records.mass(),
        holds_permit=bool(permits),
        has_own_treatment=any(one.kind in OWN_TREATMENT and one.stands_on(on) for one in facilities),
        set_class=None if set_class is None else set_class.management_class,
    )
    return classify(grounds, thresholds())


async def set_class(session: WriteSession, actor: Actor, command: SetClass, *, at: datetime) -> tuple[UUID, Appended]:
    """An authority of a prefecture or a province says of which class a site of its region is, with the reason (4.2.2).

    Raises NotFound, Forbidden, RuleBroken.
    """
    site = await queries.site(session, command.site_id)
    policy.demand(policy.may_permit(actor, site.region_code), "may_not_set_class")
    if len(actor.viewer.removeprefix("r:")) > _PREFECTURE_DIGITS:
        message = "Only an authority of a prefecture or a province sets the class of a site."
        raise Forbidden("may_not_set_class", message)
    refuse(field_rules.text("reason", command.reason, article="HJ 1259-2022, 4.2.2"))
    chosen = None if command.management_class is None else command.management_class.value
    row = SetClassRow(
        id=new_id(),
        site_id=site.id,
        authority_id=actor.organisation_id,
        management_class=chosen,
        reason=command.reason.strip(),
        set_at=at,
    )
    session.add(row)
    await session.flush()
    viewers = (viewer_of_organisation(site.organisation_id), *viewers_of_region(site.region_code))
    await sight.show(session, CLASS_KIND, row.id, viewers)
    leaf = await record(
        session,
        actor,
        "class_set",
        subjects=(row.id,),
        moment=Moment(happened_at=at, recorded_at=at),
        facts={"site": str(site.id), "class": chosen, "reason": row.reason, "on": legal_day(at).isoformat()},
    )
    return row.id, leaf
