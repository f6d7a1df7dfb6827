"""Applications whose term is over, whoever owes the act; the rule of the terms decides."""

from datetime import UTC, datetime, time, timedelta

from wastetrack.approvals import queries
from wastetrack.auth.model import Actor
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE, legal_day
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.queues.model import Evidence, Finding, Heap, Queue, Severity, heaviest

_ASKED = """
select approval.id, firm.id as firm_id, firm.name as firm, coalesce(sum(item.quantity_g), 0)::bigint as grams
from approvals approval join organisations firm on firm.id = approval.generator_id
left join approval_items item on item.approval_id = approval.id
where approval.id = any($1) group by approval.id, firm.id
"""


async def _find(session: ReadSession, actor: Actor, at: datetime, most: int) -> Heap:
    today = legal_day(at)
    clocks = [(row, what, queries.clock_for(row, at)) for row, what in await queries.running(session, actor)]
    late = [(row, what, clock) for row, what, clock in clocks if clock is not None and clock.due_on < today]
    if not late:
        return heaviest([], at, most)
    rows = await (await session.driver()).fetch(_ASKED, [row.id for row, _, _ in late])
    asked = {row["id"]: row for row in rows}
    findings = [
        Finding(
            queue="approvals_due",
            subject_id=row.id,
            what=row.number or what,
            since=datetime.combine(clock.due_on + timedelta(days=1), time(), tzinfo=LEGAL_ZONE).astimezone(UTC),
            mass=Mass(asked[row.id]["grams"]),
            firm_id=asked[row.id]["firm_id"],
            firm=asked[row.id]["firm"],
            facts={"due_on": clock.due_on.isoformat(), "wastes": what},
            evidence=(Evidence(message("The application"), f"/approvals/{row.id}"),),
        )
        for row, what, clock in late
    ]
    return heaviest(findings, at, most)


QUEUE = Queue(
    id="approvals_due",
    title=message("Approvals past their term"),
    severity=Severity.MEDIUM,
    numbers=message("{wastes}; the act was due on {due_on}"),
    innocent=(message("The decision is made on paper and not entered yet."),),
    next_step=message("Take the step that is owed, or remind the office that owes it."),
    article="令23 art. 23–27",
    find=_find,
)
