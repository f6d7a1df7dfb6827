"""One click from a finding to the case pack of its chain, in which the finding is named."""

from uuid import UUID

from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand
from wastetrack.errors import refuse_one
from wastetrack.findings import judging, reading
from wastetrack.findings.model import Gravity
from wastetrack.i18n import message
from wastetrack.looks.model import Look, LookKind, Why
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.reports import finding_words as words
from wastetrack.reports.chains.case_making import KIND, CaseWanted
from wastetrack.reports.chains.gathering import Asked, ChainOf
from wastetrack.reports.chains.model import ChainDirection
from wastetrack.serving.deps import Writing, settings_of
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.looking import reason_for, record_taken
from wastetrack.serving.room_router import RoomRouter
from wastetrack.tasks import starting
from wastetrack.web.check_findings import ask_finding
from wastetrack.web.forms import asked_again
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/findings", route_class=AnsweringRoute)


def _named_in_pack(page: Page, found: reading.Finding) -> str:
    """The finding in one line, as the pack says why it was taken."""
    row = found.row
    said = message("Finding {rule} (version {version}) “{title}”: {gravity}, {kilograms} kg at risk; {address}")
    return page.translate(
        said,
        rule=row.rule,
        version=row.version,
        title=page.translate(found.rule.title),
        gravity=page.translate(words.GRAVITY[Gravity(row.severity)]),
        kilograms=f"{Mass(row.at_risk_g).grams / 1000:,.3f}",
        address=f"{settings_of(page.request).base_url}/findings/{row.id}",
    )


@router.post("/{finding_id:uuid}/case")
@asked_again(ask_finding)
async def take(page: AnyPage, work: Writing, finding_id: UUID) -> Response:
    """Begin to make the pack; the look and the act are recorded in the same unit of work."""
    demand(work.actor, Verb.PROVE)
    found = await reading.finding(work.session, work.actor, finding_id, at=work.at)
    own = [one.facts for one in found.facts]
    named = [found.row.subject_id, *(one for facts in own for one in words.ids_in(facts))]
    names = await reading.names_of(work.session, named)
    chain = words.chain_of(found.row.subject_kind, found.row.subject_id, own, names)
    if chain is None:
        refuse_one("finding_id", "no_chain", "This finding names no manifest or container whose chain could be taken.")
    of, told = ChainOf(chain.kind), _named_in_pack(page, found)
    address = f"/audit/chains/{of.value}/{chain.id}"
    look = Look(kind=LookKind.BUNDLE, subject_id=chain.id, terms=f"{address}/case")
    reason = reason_for(work.actor, look, Why.CASE.value, told[:500])
    settings = settings_of(page.request)
    wanted = CaseWanted(
        asked=Asked(
            of=of, subject_id=chain.id, since=None, until=None, known_until=None, direction=ChainDirection.BOTH
        ),
        title=chain.name,
        made_for=(await parties.organisation(work.session, work.actor.organisation_id)).name,
        reason=told,
        locale=page.locale,
        zone=settings.time_zone,
        address=f"{settings.base_url}{address}",
        finding=finding_id,
        finding_address=f"{settings.base_url}/findings/{finding_id}",
    )
    task_id = await starting.start(
        work.session,
        work.actor,
        kind=KIND,
        title=message("Case pack of {thing}"),
        facts={"thing": chain.name},
        arguments=wanted.arguments(),
        at=work.at,
    )
    await judging.case_taken(work.session, work.actor, finding_id, f"{of.value}:{chain.id}", at=work.at)
    await record_taken(work.session, work.identity, look, reason, at=work.at)
    return page.go(f"/tasks/{task_id}", message("The case pack is being made; you may leave this page."))
