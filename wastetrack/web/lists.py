"""The office's lists: of each its columns, its filters and its usual order (web/listings.py carries them out).

The names of sortable columns are those of the ORDERS of the query that reads the list.
"""

from operator import attrgetter as at

from wastetrack.approvals.model import ApprovalKind, ApprovalState
from wastetrack.containers.batch_rules import BatchState
from wastetrack.containers.stock_takes import StockTakeState
from wastetrack.i18n import message
from wastetrack.imports.model import ImportKind, ImportState
from wastetrack.ledger.model import EntryKind
from wastetrack.looks.model import LookKind
from wastetrack.manifests.model import ManifestState
from wastetrack.manifests.papers import ReservedState
from wastetrack.mass import Mass
from wastetrack.parties.claims import ClaimState
from wastetrack.parties.model import OrganisationKind
from wastetrack.plans.model import ContractState, PlanState
from wastetrack.tasks.model import LongTaskState
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

NUMBER_BADGES = {ReservedState.RESERVED: "info", ReservedState.USED: "good"}
NUMBERS = Listing(
    message("Reserved numbers"),
    columns=(
        Column(
            "number",
            message("Number"),
            sortable=True,
            always=True,
            of=at("number"),
            link=lambda one: f"/paper/{one.number}",
        ),
        Column(
            "state",
            message("State"),
            sortable=True,
            of=lambda one: ReservedState(one.state),
            badge=lambda one: NUMBER_BADGES.get(ReservedState(one.state), "plain"),
        ),
        Column("reserved", message("Reserved"), sortable=True, of=at("reserved_at")),
        Column("reason", message("Reason"), of=at("reason")),
        Column(
            "form",
            message("Paper form"),
            of=lambda one: "PDF" if one.state == "reserved" else None,
            link=lambda one: f"/paper/{one.number}/form.pdf" if one.state == "reserved" else "",
        ),
    ),
    filters=(Filter("state", message("State"), ReservedState),),
)

DISCREPANCIES = Listing(
    message("Found at the gate"),
    columns=(
        Column(
            "number",
            message("Manifest"),
            sortable=True,
            always=True,
            of=at("number"),
            link=lambda one: f"/manifests/{one.id}#lines",
        ),
        Column("other", message("With"), of=at("other")),
        Column("received", message("Received"), "day", sortable=True, of=at("received_at")),
        Column("missing", message("Missing"), "mass", sortable=True, of=lambda one: _some(one.missing, one.missing_g)),
        Column(
            "rejected", message("Rejected"), "mass", sortable=True, of=lambda one: _some(one.rejected, one.rejected_g)
        ),
        Column(
            "differing",
            message("Weighs otherwise"),
            "mass",
            sortable=True,
            of=lambda one: _some(one.differing, one.difference_g),
        ),
        Column("state", message("State"), sortable=True, of=at("state")),
    ),
    filters=(Filter("state", message("State"), ManifestState),),
)


def _some(count: int, grams: int) -> Mass | None:
    """The mass concerned; nothing where there is none."""
    return Mass(grams) if count else None


BATCHES = Listing(
    message("Batches that have ended"),
    columns=(
        Column(
            "treated_on",
            message("Treated on"),
            sortable=True,
            always=True,
            of=at("row.treated_on"),
            link=lambda one: f"/treatment/{one.row.id}",
        ),
        Column(
            "state",
            message("State"),
            sortable=True,
            of=lambda one: BatchState(one.row.state),
            badge=lambda one: "good" if one.row.state == "finished" else "plain",
        ),
        Column("method", message("Method of use or disposal"), sortable=True, of=at("method")),
        Column("recipe", message("Recipe"), extra=True, of=at("row.recipe")),
        Column("input", message("Input"), "mass", sortable=True, of=lambda one: Mass(one.row.input_g)),
        Column("products", message("Products"), "mass", sortable=True, of=lambda one: Mass(one.row.product_g)),
        Column("residue", message("Residue"), "mass", sortable=True, of=lambda one: Mass(one.row.residue_g)),
    ),
    filters=(
        Filter("site_id", message("At the site"), kind="choice"),
        Filter("state", message("State"), kind="choice"),
    ),
)

STOCK_TAKES = Listing(
    message("Counts until now"),
    columns=(
        Column(
            "begun",
            message("Begun"),
            sortable=True,
            always=True,
            of=at("row.begun_at"),
            link=lambda one: f"/stock-takes/{one.row.id}",
        ),
        Column("what", message("What is counted"), of=at("what")),
        Column(
            "state",
            message("State"),
            sortable=True,
            of=at("state"),
            badge=lambda one: {"open": "info", "finished": "good"}.get(one.row.state, "plain"),
        ),
        Column("ended", message("Ended"), sortable=True, of=at("row.ended_at")),
    ),
    filters=(Filter("state", message("State"), StockTakeState),),
)

LOOKS = Listing(
    message("Who looked"),
    columns=(
        Column("day", message("When"), always=True, of=lambda one: one.look.looked_at or one.look.looked_on),
        Column("who", message("Who"), of=at("who"), under=at("person")),
        Column("what", message("What"), of=at("look.kind")),
        Column("subject", message("Which one"), of=at("look.subject"), link=at("address")),
        Column("why", message("Reason"), of=at("look.why")),
        Column("how", message("How"), of=at("look.channel")),
    ),
)
OWN_LOOKS = Listing(
    message("What you have looked at"),
    columns=(
        Column("looked", message("When"), sortable=True, always=True, of=at("look.looked_at")),
        Column("what", message("What"), sortable=True, of=at("look.kind")),
        Column("subject", message("Which one"), of=lambda one: one.look.subject or one.look.terms, link=at("address")),
        Column("why", message("Reason"), of=at("look.why"), under=at("look.why_words")),
        Column("how", message("How"), sortable=True, of=at("look.channel")),
    ),
    filters=(Filter("kind", message("What"), LookKind),),
)

TASK_BADGES = {
    LongTaskState.QUEUED: "info",
    LongTaskState.RUNNING: "info",
    LongTaskState.DONE: "good",
    LongTaskState.FAILED: "bad",
}
TASKS = Listing(
    message("Long work"),
    columns=(
        Column("task", message("Task"), always=True, of=at("title"), link=lambda one: f"/tasks/{one.task.id}"),
        Column(
            "state",
            message("State"),
            sortable=True,
            of=at("task.state"),
            badge=lambda one: TASK_BADGES.get(one.task.state, "plain"),
        ),
        Column(
            "progress",
            message("Progress"),
            "number",
            of=lambda one: None if one.task.percent is None else f"{one.task.percent} %",
        ),
        Column("begun", message("Begun"), sortable=True, of=at("task.created_at")),
        Column("ended", message("Ended"), sortable=True, of=at("task.finished_at")),
    ),
    filters=(Filter("state", message("State"), LongTaskState),),
)

IMPORT_BADGES = {
    ImportState.CHECKING: "info",
    ImportState.IMPORTING: "info",
    ImportState.REFUSED: "bad",
    ImportState.READY: "warn",
    ImportState.IMPORTED: "good",
}
IMPORTS = Listing(
    message("Imports"),
    columns=(
        Column(
            "file",
            message("The file"),
            sortable=True,
            always=True,
            of=at("name"),
            link=lambda one: f"/imports/{one.id}",
        ),
        Column("kind", message("Brings"), sortable=True, of=at("kind")),
        Column("state", message("State"), of=at("state"), badge=lambda one: IMPORT_BADGES.get(one.state, "plain")),
        Column("rows", message("Rows"), "number", sortable=True, of=at("rows")),
        Column("errors", message("Errors"), "number", sortable=True, of=at("errors")),
        Column("warnings", message("Warnings"), "number", sortable=True, of=at("warnings")),
        Column("sent", message("Sent on"), sortable=True, of=at("created_at")),
    ),
    filters=(Filter("kind", message("Brings"), ImportKind),),
)

STATEMENT = Listing(
    message("Statement"),
    columns=(
        Column("happened", message("Happened"), sortable=True, always=True, of=at("happened_at")),
        Column("booking", message("Booking"), sortable=True, of=lambda one: EntryKind(one.kind)),
        Column("waste_code", message("Waste code"), "code", sortable=True, of=at("waste_code")),
        Column("amount", message("Amount"), "mass", sortable=True, of=lambda one: Mass(one.amount_g)),
        Column("balance", message("Balance of the code"), "mass", of=lambda one: Mass(one.balance_g)),
        Column("recorded", message("Recorded"), sortable=True, of=at("recorded_at")),
    ),
)

BAGS = Listing(
    message("Bags and boxes"),
    columns=(
        Column("code", message("Digital code"), always=True, of=at("bag.digital_code")),
        Column("origin", message("From"), of=at("bag.origin")),
        Column("kind", message("Kind"), sortable=True, of=at("bag.kind")),
        Column("net", message("Net mass"), "mass", sortable=True, of=lambda one: Mass(one.bag.net_g)),
        Column("packed", message("Packed"), sortable=True, of=at("bag.packed_at")),
        Column("state", message("Where"), sortable=True, of=at("state")),
    ),
    filters=(
        Filter("infectious", message("Highly infectious"), kind="choice"),
        Filter("emergency", message("Made in emergency mode"), kind="choice"),
    ),
)
