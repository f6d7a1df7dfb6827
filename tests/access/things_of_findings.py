"""What the checks found about a region: a hard finding about a manifest, a soft one, a closed one, and the run."""

from tests.support.findings import NIGHT, fact, rule, run
from tests.support.world import World, a_drum, filed
from wastetrack import clock
from wastetrack.auth.sight import look_as
from wastetrack.db.session import WriteSession
from wastetrack.db.windows import Window
from wastetrack.findings import judging
from wastetrack.findings.model import CloseFinding, FindingQueue, Judgement
from wastetrack.findings.parameters import set_parameter
from wastetrack.findings.publishing import publish
from wastetrack.findings.queries import FindingFilter, desk_of, listed
from wastetrack.ids import new_id

Things = dict[str, str]


async def things_of_findings(session: WriteSession, world: World) -> Things:
    """Of the carrier of this world."""
    manifest_id, at = await filed(session, world, [await a_drum(session, world)]), clock.now()
    soft, closed, party = new_id(), new_id(), world.carrier.id
    facts = (
        fact(manifest_id, party=party, since=at),
        fact(soft, name=NIGHT, kind="carrier", party=party, since=at, severity=1),
        fact(closed, name=NIGHT, kind="carrier", party=party, since=at, severity=1),
    )
    rules = (rule(), rule(NIGHT, FindingQueue.TRANSIT))
    done = await publish(session, run(*facts, as_of=at, rules=rules), at=at)
    await set_parameter(session, NIGHT, "nights", 3, "夜间作业", at=at)
    await look_as(session, world.inspector)
    desk = await desk_of(session, world.inspector, at=at)
    found = await listed(session, desk, FindingFilter(), Window(limit=1000))
    ids = {one.subject_id: one.id for one in found}
    command = CloseFinding(finding_id=ids[str(closed)], outcome=Judgement.EXPLAINED, reason="有夜间许可")
    await judging.close_finding(session, world.inspector, command, at=at)
    await judging.set_budget(session, world.inspector, FindingQueue.SKIM, 3, at=at)
    return {
        "finding": str(ids[str(manifest_id)]),
        "soft_finding": str(ids[str(soft)]),
        "closed_finding": str(ids[str(closed)]),
        "check_run": str(done.run_id),
    }
