"""Papers of the year: a contract that waits for the other side's word, and reports handed in, with others still due."""

from datetime import date

from wastetrack.auth.model import Role
from wastetrack.cli.demonstration.guests import PICKLING
from wastetrack.cli.demonstration.members import Firm
from wastetrack.cli.demonstration.simulating import Step
from wastetrack.cli.demonstration.stories.telling import Teller
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.filings.model import ReportKind, ReportPeriod, last_ended
from wastetrack.mass import Mass
from wastetrack.plans.contracting import draft_contract
from wastetrack.plans.model import DraftContract, ItemOfContract
from wastetrack.reports.ledgers import reporting


async def contract_in_the_making(teller: Teller) -> None:
    """The landfill has entered next year's contract; the works is to agree."""
    works, landfill = teller.guests.works, teller.year.cast.plants["landfill"]
    step = await teller.at(2, 10.0)
    today = local_day(step.at)
    command = DraftContract(
        shipper_id=works.organisation.id,
        receiver_id=landfill.organisation.id,
        number=f"GL-{today.year + 1}-017",
        signed_on=today,
        valid_from=date(today.year + 1, 1, 1),
        valid_to=date(today.year + 1, 12, 31),
        items=(ItemOfContract(waste_code=PICKLING, method="D1", quantity=Mass.parse("200 t")),),
        clauses_acknowledged=True,
        price="按吨计价，见附件",
    )
    await draft_contract(step.session, landfill.by(Role.OWNER), command, at=step.at)


async def reports(teller: Teller) -> None:
    """The works has handed in all but the newest of each kind, the first plant the newest month as well."""
    step = await teller.at(1, 10.5)
    today = local_day(step.at)
    plant = teller.year.cast.plants["physico"]
    for kind in (ReportKind.MONTHLY, ReportKind.QUARTERLY):
        await _hand_in(step, teller.guests.works, _one_before(kind, today))
    for period in (last_ended(ReportKind.MONTHLY, today), _one_before(ReportKind.MONTHLY, today)):
        await _hand_in(step, plant, period)


def _one_before(kind: ReportKind, today: date) -> ReportPeriod:
    """The period before the one that ended last."""
    return last_ended(kind, last_ended(kind, today).until)


async def _hand_in(step: Step, firm: Firm, period: ReportPeriod) -> None:
    await reporting.submit(step.session, firm.by(Role.OWNER), firm.site.id, period, seen=None, reason="", at=step.at)
