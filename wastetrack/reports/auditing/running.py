"""All checks in their order, in one transaction that sees one moment."""

from collections.abc import Callable
from enum import StrEnum

from wastetrack.db.session import ReadSession
from wastetrack.reports.auditing.approved import check_approvals
from wastetrack.reports.auditing.balances import check_balances, check_masses
from wastetrack.reports.auditing.custody import check_containers
from wastetrack.reports.auditing.entries import check_entries
from wastetrack.reports.auditing.findings import Finding, Report
from wastetrack.reports.auditing.paperwork import check_manifests
from wastetrack.reports.auditing.registers import check_lines, check_numbers, check_permits
from wastetrack.transparency import auditing as log
from wastetrack.transparency.note import Verifier

_PAGE = 2000
# The whole is counted before it is walked, so that whoever waits sees how long.
_TOTALS = """
select (select count(*) from log_leaves) as log, (select count(*) from log_leaves) as ledger,
  (select count(*) from accounts) as balances, (select count(*) from containers) as containers,
  (select count(*) from manifests) as manifests
"""


class Stage(StrEnum):
    """What is being recomputed."""

    LOG = "log"  # leaves, tree, checkpoints
    LEDGER = "ledger"  # entries and postings against leaves
    BALANCES = "balances"  # accounts against postings and containers
    CONTAINERS = "containers"  # containers against their events
    MANIFESTS = "manifests"  # manifests against their events


Progress = Callable[[Stage, int, int], None]
"""Told a stage, how much more of it is done, and how much there is."""


async def recompute(
    session: ReadSession, verifier: Verifier, *, progress: Progress | None = None, page: int = _PAGE
) -> Report:
    """Recompute everything that can be and compare it with what is stored; nothing is repaired and nothing raised.

    The session should see one moment (`reading` gives such a one); then a server may go on working meanwhile.
    """
    report = Report()
    totals = await (await session.driver()).fetchrow(_TOTALS)
    assert totals is not None  # noqa: S101  a select without from gives a row

    def step(stage: Stage) -> Callable[[int], None]:
        total = totals[stage.value]
        tell = progress or (lambda _stage, _more, _total: None)
        tell(stage, 0, total)
        return lambda more: tell(stage, more, total)

    await _check_log(session, verifier, report, page=page, step=step(Stage.LOG))
    await check_entries(session, report, page=page, progress=step(Stage.LEDGER))
    await check_balances(session, report, page=page, progress=step(Stage.BALANCES))
    await check_masses(session, report)
    await check_containers(session, report, page=page, progress=step(Stage.CONTAINERS))
    await check_manifests(session, report, page=page, progress=step(Stage.MANIFESTS))
    await check_numbers(session, report)
    await check_lines(session, report)
    await check_permits(session, report)
    await check_approvals(session, report)
    return report


async def _check_log(
    session: ReadSession, verifier: Verifier, report: Report, *, page: int, step: Callable[[int], None]
) -> None:
    audit = await log.audit(session, verifier, page=page, progress=step)
    report.leaves = audit.placed + audit.waiting
    report.waiting = audit.waiting
    report.checkpoints = audit.checkpoints
    report.root = audit.root.hex()
    for found in audit.findings:
        row = f"leaf {found.event_id}" if found.arrival is not None else "log"
        if found.log_index is not None:
            row += f" at index {found.log_index}"
        if found.kind is not None:
            row += f" ({found.kind})"
        facts = {"told": found.sentence(), **found.facts}
        report.add(Finding(found.fault.value, row, "{row}: {told}", facts=facts))
    # The log's audit keeps a thousand of its findings; the rest is counted there.
    report.count_unkept("log", audit.faults - len(audit.findings))
