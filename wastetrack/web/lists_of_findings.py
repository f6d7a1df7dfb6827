"""The list of what the checks found: its columns, filters and usual order; web/listings.py carries it out."""

from dataclasses import dataclass
from operator import attrgetter as at

from wastetrack.findings.model import FindingQueue
from wastetrack.findings.queries import Listed
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.figures import Words
from wastetrack.reports.finding_words import GRAVITY, GRAVITY_KINDS, STATE_KINDS
from wastetrack.reports.tabular import said
from wastetrack.web.list_views import Column
from wastetrack.web.listings import Filter, Listing


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as a list shows it."""

    one: Listed
    title: str
    subject: str
    party: str

    @property
    def id(self) -> object:
        """Of the finding."""
        return self.one.id

    @property
    def gravity(self) -> Words:
        """How it is met."""
        return said(GRAVITY[self.one.severity])

    @property
    def at_risk(self) -> Mass:
        """What may be missing."""
        return Mass(self.one.at_risk_g)

    @property
    def posterior(self) -> str:
        """How likely it is true."""
        return f"{self.one.posterior:.0%}"


FINDINGS = Listing(
    message("Findings"),
    columns=(
        Column(
            "finding",
            message("Finding"),
            always=True,
            of=lambda row: said(row.title),
            link=lambda row: f"/findings/{row.id}",
        ),
        Column("rule", message("Rule"), "code", sortable=True, of=at("one.rule")),
        Column("subject", message("About"), "code", of=at("subject")),
        Column("party", message("Who has to answer"), of=at("party")),
        Column(
            "severity",
            message("Gravity"),
            sortable=True,
            of=at("gravity"),
            badge=lambda row: GRAVITY_KINDS[row.one.severity],
        ),
        Column("mass", message("At risk"), "mass", sortable=True, of=at("at_risk")),
        Column("posterior", message("Likely true"), "number", sortable=True, of=at("posterior")),
        Column("found", message("Known from"), sortable=True, of=at("one.found_at")),
        Column("since", message("Since"), sortable=True, extra=True, of=at("one.since_at")),
        Column(
            "state",
            message("State"),
            extra=True,
            of=at("one.state"),
            badge=lambda row: STATE_KINDS[row.one.state],
            under=at("one.outcome"),
        ),
    ),
    filters=(
        Filter("state", message("State"), kind="choice", unasked=message("To be worked on")),
        Filter("severity", message("Gravity"), kind="choice"),
        Filter("rule", message("Rule"), kind="choice"),
        Filter("week", message("This week"), kind="choice"),
    ),
    usual="-rank",
)
QUEUE_SAYS = {
    FindingQueue.INTEGRITY: message("Never arrived, clones, missing containers, times that cannot be."),
    FindingQueue.ELIGIBILITY: message("What a permit, licence or approval did not cover."),
    FindingQueue.TRANSIT: message("What happened on the road."),
    FindingQueue.SKIM: message("Small losses that add up."),
    FindingQueue.FACILITY: message("Treatment, residues, stock of a plant."),
    FindingQueue.LAUNDERING: message("Codes that change where nothing was treated; waste that comes back."),
    FindingQueue.GENERATOR: message("What is made and not told."),
    FindingQueue.DOCUMENTS: message("Figures and signatures that look made up."),
    FindingQueue.QUALITY: message("Records that cannot be right."),
}
"""What stands in each queue."""
