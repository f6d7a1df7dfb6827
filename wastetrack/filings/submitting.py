"""Hand in a periodic report: its figures are frozen, their digest goes into the log (HJ 1259-2022, 7.1)."""

from datetime import datetime

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb
from wastetrack.auth.sight import show, viewer_of_organisation, viewers_of_region
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.containers.moments import moment_of
from wastetrack.containers.policy import demand_own
from wastetrack.containers.recording import record
from wastetrack.db.session import WriteSession
from wastetrack.errors import refuse
from wastetrack.filings import queries
from wastetrack.filings.model import SubmitReport
from wastetrack.filings.policy import digest_of, why_not_submit
from wastetrack.filings.tables import PeriodicReportRow
from wastetrack.ids import new_id
from wastetrack.parties import queries as parties
from wastetrack.transparency.appending import Appended

HandedIn = tuple[PeriodicReportRow, Appended]
"""The version that was frozen, and the event that states it."""


async def submit_report(session: WriteSession, actor: Actor, command: SubmitReport, *, at: datetime) -> HandedIn:
    """Freeze the figures as the next version of the report. Whoever acts for the firm as its delegate, such as a permit
    holder, may do it on its behalf and stands in the event as such (7.1.3).

    Raises NotFound for the site, Forbidden, RuleBroken: a period that is not over, figures that changed or disagree, a
    correction without reason or without change.
    """
    site = await parties.site(session, command.site_id)
    demand_own(actor, Verb.FILE, site.organisation_id)
    await queries.lock_site(session, site.id)
    earlier = await queries.versions(session, site.id, command.period)
    newest = earlier[0] if earlier else None
    refuse(why_not_submit(command, today=legal_day(at), newest=None if newest is None else newest.digest))
    row = PeriodicReportRow(
        id=new_id(),
        site_id=site.id,
        kind=command.period.kind.value,
        year=command.period.year,
        number=command.period.number,
        version=1 if newest is None else newest.version + 1,
        figures=dict(command.figures),
        digest=digest_of(command.figures),
        reason=command.reason.strip(),
        submitted_by=actor.person_id,
        submitted_at=at,
        delegate_of_organisation_id=actor.delegate_of,
    )
    session.add(row)
    await session.flush()
    viewers = (viewer_of_organisation(site.organisation_id), *viewers_of_region(site.region_code))
    await show(session, queries.KIND, row.id, viewers)
    leaf = await record(
        session,
        actor,
        "report_submitted",
        subjects=(row.id, site.id),
        moment=moment_of(None, at),
        facts={
            "report": str(row.id),
            "site": str(site.id),
            "period": command.period.name,
            "kind": row.kind,
            "version": row.version,
            "figures_sha256": row.digest,
            "replaces": None if newest is None else str(newest.id),
            "reason": row.reason or None,
        },
        event_id=row.id,
    )
    return row, leaf
