"""The lists of what is agreed, registered and applied for: their columns, filters and usual order.

web/listings.py carries them out. Sortable columns are named as in the ORDERS of the query that reads the list.
"""

from operator import attrgetter as at

from wastetrack.approvals.model import ApprovalKind, ApprovalState
from wastetrack.i18n import message
from wastetrack.parties.claims import ClaimState
from wastetrack.parties.model import OrganisationKind
from wastetrack.plans.model import ContractState, PlanState
from wastetrack.web.list_views import Column
from wastetrack.web.listings import Filter, Listing

CONTRACT_BADGES = {ContractState.DRAFT: "warn", ContractState.CONFIRMED: "good"}
CONTRACTS = Listing(
    message("Contracts"),
    columns=(
        Column(
            "number",
            message("Number"),
            sortable=True,
            always=True,
            of=at("row.number"),
            link=lambda one: f"/contracts/{one.row.id}",
        ),
        Column(
            "state",
            message("State"),
            sortable=True,
            of=at("state"),
            badge=lambda one: CONTRACT_BADGES.get(one.state, "plain"),
        ),
        Column("shipper", message("Shipper"), of=at("shipper")),
        Column("receiver", message("Receiver"), of=at("receiver")),
        Column("valid", message("Valid to"), sortable=True, of=at("row.valid_to")),
        Column("quantity", message("Quantity"), "mass", of=at("quantity")),
        Column("used", message("Used"), "mass", of=at("used")),
        Column("left", message("Left"), "mass", of=at("left")),
    ),
    filters=(
        Filter("state", message("State"), ContractState),
        Filter("number", message("Part of the number"), kind="search"),
    ),
)

PLAN_BADGES = {PlanState.FILED: "good", PlanState.CHANGING: "warn"}
PLANS = Listing(
    message("Management plans"),
    columns=(
        Column(
            "year",
            message("Year"),
            sortable=True,
            always=True,
            of=lambda one: str(one.plan.year),
            link=lambda one: f"/plans/{one.plan.id}",
        ),
        Column("site", message("Site"), of=at("site")),
        Column("management_class", message("Management class"), of=at("management_class")),
        Column(
            "state",
            message("State"),
            sortable=True,
            of=at("state"),
            badge=lambda one: PLAN_BADGES.get(one.state, "plain"),
        ),
        Column("filing_number", message("Filing number"), "code", sortable=True, of=at("plan.filing_number")),
        Column("version", message("Version"), "number", of=lambda one: one.plan.version or None),
        Column("filed_at", message("Filed on"), "day", sortable=True, of=at("plan.filed_at")),
    ),
    filters=(Filter("site_id", message("Site"), kind="choice"), Filter("state", message("State"), PlanState)),
)

FILINGS = Listing(
    message("Management plans"),
    columns=(
        Column("organisation", message("Organisation"), sortable=True, of=at("filing.organisation")),
        Column(
            "site",
            message("Site"),
            sortable=True,
            always=True,
            of=at("filing.site"),
            link=lambda one: f"/sites/{one.filing.site_id}",
        ),
        Column("region", message("Region"), sortable=True, of=at("region")),
        Column(
            "filed",
            message("Filed"),
            "day",
            sortable=True,
            of=at("filing.filed_at"),
            link=lambda one: f"/plans/{one.filing.plan_id}" if one.filing.plan_id else "",
        ),
        Column("management_class", message("Management class"), sortable=True, of=at("filing.management_class")),
        Column("filing_number", message("Filing number"), "code", of=at("filing.filing_number")),
        Column("version", message("Version"), "number", of=lambda one: one.filing.version or None),
    ),
    filters=(Filter("year", message("Year")), Filter("filed", message("Filed"), kind="choice")),
)

ORGANISATIONS = Listing(
    message("Organisations"),
    columns=(
        Column(
            "name",
            message("Name"),
            sortable=True,
            always=True,
            of=at("firm.name"),
            link=lambda one: f"/organisations/{one.firm.id}",
        ),
        Column("kind", message("Kind"), of=at("kinds")),
        Column("region", message("Region"), sortable=True, of=at("region")),
        Column("credit_code", message("Credit code"), "code", sortable=True, of=at("firm.credit_code")),
        Column("address", message("Address"), extra=True, of=at("firm.address")),
        Column("contact", message("Contact"), extra=True, of=at("firm.contact_name")),
    ),
    filters=(
        Filter("q", message("Name or credit code"), kind="search"),
        Filter("kind", message("Kind"), OrganisationKind),
        Filter("region", message("Region (digits)")),
    ),
)

PEOPLE = Listing(
    message("People"),
    columns=(
        Column("name", message("Name of the person"), sortable=True, always=True, of=at("name")),
        Column("login", message("Login"), "code", sortable=True, of=at("login")),
        Column("role", message("Role"), sortable=True, of=at("role")),
        Column("since", message("Since"), "day", sortable=True, of=at("since")),
        Column("acts", message("What can be done"), always=True),
    ),
    filters=(
        Filter("q", message("Name or login"), kind="search"),
        Filter("role", message("Role"), kind="choice"),
    ),
)

APPROVAL_BADGES = {
    ApprovalState.APPROVED: "good",
    ApprovalState.REFUSED: "bad",
    ApprovalState.DECLINED: "bad",
    ApprovalState.RETURNED: "warn",
    ApprovalState.EXPIRED: "plain",
    ApprovalState.SUPERSEDED: "plain",
    ApprovalState.WITHDRAWN: "plain",
    ApprovalState.DRAFT: "plain",
}
"""How a state is drawn; the others are under way."""
APPROVALS = Listing(
    message("Approvals"),
    columns=(
        Column(
            "number",
            message("Application"),
            sortable=True,
            always=True,
            of=lambda one: one.row.number or one.kind,
            link=lambda one: f"/approvals/{one.row.id}",
        ),
        Column("kind", message("Kind"), sortable=True, of=at("kind")),
        Column("shipper", message("Shipper"), of=at("generator.name")),
        Column("receiver", message("Receiver"), of=at("receiver.name")),
        Column(
            "state",
            message("State"),
            sortable=True,
            of=at("state"),
            badge=lambda one: APPROVAL_BADGES.get(one.state, "info"),
        ),
        Column("valid_to", message("Valid to"), sortable=True, of=at("row.valid_to")),
        Column("due", message("Due"), of=lambda one: one.clock.due_on if one.clock else None),
    ),
    filters=(
        Filter("kind", message("Kind"), ApprovalKind),
        Filter("state", message("State"), ApprovalState),
        Filter("number", message("Part of the number"), kind="search"),
    ),
)

CLAIM_BADGES = {ClaimState.PENDING: "info", ClaimState.CONFIRMED: "good", ClaimState.REFUSED: "bad"}
CLAIMS = Listing(
    message("Claims"),
    columns=(
        Column(
            "organisation",
            message("Organisation"),
            sortable=True,
            always=True,
            of=at("organisation_name"),
            link=lambda one: f"/claims/{one.id}",
        ),
        Column("claimant", message("Claimant"), sortable=True, of=at("claimant_name")),
        Column(
            "state",
            message("State"),
            sortable=True,
            of=at("state"),
            badge=lambda one: CLAIM_BADGES.get(one.state, "plain"),
        ),
        Column("since", message("Since"), sortable=True, of=at("created_at")),
        Column("decided", message("Decided"), extra=True, of=at("decided_at")),
    ),
    filters=(Filter("state", message("State"), ClaimState),),
)
