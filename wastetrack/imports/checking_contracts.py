"""Rows of contracts: those with one number become one contract with several wastes, by the rules of the form."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.containers.labelling_many import Told
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken
from wastetrack.i18n import message
from wastetrack.imports.checking_entries import Entries, Entry, tried
from wastetrack.imports.firms_of_files import firm_of
from wastetrack.imports.model import Finding
from wastetrack.imports.rows import Row, Table, located
from wastetrack.plans import contracting
from wastetrack.plans.model import DraftContract, ItemOfContract

_OF_THE_CONTRACT = ("as_side", "other_code", "signed_on", "valid_from", "valid_to", "price", "clauses_acknowledged")
"""What is said of the whole contract: it stands in each of its rows, or is the same."""


async def check(
    session: WriteSession,
    actor: Actor,
    table: Table,
    *,
    findings: list[Finding],
    at: datetime,
    told: Told,
) -> Entries:
    """The contracts of the rows; every rule that one breaks is added to the findings at its cell."""
    layout = table.layout
    contracts: dict[str, list[Row]] = defaultdict(list)
    for row in table.rows:
        contracts[row.get("number")].append(row)
    words = {row.get("other_code") for row in table.rows} - {""}
    firms = {word: await firm_of(session, "other_code", word) for word in sorted(words)}  # a firm has few partners
    entries = []
    for number, rows in contracts.items():
        before = len(findings)
        findings += [located(layout, row.number, one) for row in rows for one in _why_not_said(rows[0], row)]
        for row in rows:
            other = firms.get(row.get("other_code"))
            if isinstance(other, Broken):
                findings.append(located(layout, row.number, other))
        other = firms.get(rows[0].get("other_code"))
        if number and isinstance(other, UUID) and len(findings) == before and all(row.is_sound for row in rows):
            entries.append(_entry(actor, number, other, rows))
    return await tried(session, actor, layout, entries, findings=findings, at=at, told=told)


def _why_not_said(first: Row, row: Row) -> list[Broken]:
    return [
        Broken(
            field,
            "contract_differs",
            message("Contract {contract} says something else in row {row} than “{value}” here."),
            str(row.values[field]),
            next_step=message("Let all rows of a contract say the same, or give this row another number."),
            facts={"contract": row.get("number"), "row": first.number},
        )
        for field in _OF_THE_CONTRACT
        if {field} <= row.values.keys() & first.values.keys() and row.values[field] != first.values[field]
    ]


def _entry(actor: Actor, number: str, other: UUID, rows: Sequence[Row]) -> Entry:
    said: Mapping[str, Any] = rows[0].values
    own = actor.organisation_id
    shipper, receiver = (own, other) if said["as_side"] == "shipper" else (other, own)
    command = DraftContract(
        shipper_id=shipper,
        receiver_id=receiver,
        number=number,
        signed_on=said["signed_on"],
        valid_from=said["valid_from"],
        valid_to=said["valid_to"],
        items=tuple(
            ItemOfContract(
                waste_code=row.get("waste_code"), method=row.get("method") or None, quantity=row.get("quantity")
            )
            for row in rows
        ),
        clauses_acknowledged=said["clauses_acknowledged"],
        price=said.get("price", ""),
    )

    async def enter(session: WriteSession, actor: Actor, at: datetime) -> UUID:
        return (await contracting.draft_contract(session, actor, command, at=at)).row.id

    def cell_of(field: str) -> tuple[int, str]:
        before, _, after = field.partition(".")
        place, _, of_item = after.partition(".")
        if before == "items" and place.isdigit():
            return rows[int(place)].number, of_item
        return rows[0].number, "other_code" if field in {"shipper_id", "receiver_id"} else field

    return Entry(tuple(row.number for row in rows), number, enter, cell_of)
