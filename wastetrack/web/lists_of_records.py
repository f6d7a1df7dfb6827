"""The lists of what happened: reserved numbers, gates, batches, counts, looks, long work, bookings, bags.

As in web/lists.py, the names of sortable columns are those of the ORDERS of the query that reads the list.
"""

from operator import attrgetter as at

from wastetrack.containers.batch_rules import BatchState
from wastetrack.containers.stock_takes import StockTakeState
from wastetrack.i18n import message
from wastetrack.imports.model import ImportKind, ImportState
from wastetrack.ledger.model import EntryKind
from wastetrack.looks.model import LookKind
from wastetrack.manifests.model import ManifestState
from wastetrack.manifests.papers import ReservedState
from wastetrack.mass import Mass
from wastetrack.tasks.model import LongTaskState
from wastetrack.web.list_views import Column
from wastetrack.web.listings import Filter, Listing

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
