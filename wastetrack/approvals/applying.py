"""Prepare an application, change it, copy it, put documents beside it: the applicant's part before it is submitted."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from wastetrack.approvals import queries, states
from wastetrack.approvals.errors import Changed, OutOfTurn
from wastetrack.approvals.model import (
    ApprovalKind,
    ApprovalState,
    DocumentKind,
    DraftApproval,
    ItemWanted,
)
from wastetrack.approvals.tables import ApprovalDocumentRow, ApprovalItemRow, ApprovalRow
from wastetrack.approvals.validity import basis_of, check_application
from wastetrack.attachments import attaching
from wastetrack.attachments.model import Examined, Subject
from wastetrack.attachments.queries import Attachment
from wastetrack.attachments.storing import FileStore
from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, demand_office
from wastetrack.auth.sight import show, viewer_of_organisation
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.catalogues.general_wastes import is_general, parse_any
from wastetrack.catalogues.jurisdiction import jurisdiction, legal_day
from wastetrack.catalogues.treatments import parse as parse_method
from wastetrack.catalogues.waste_codes import WasteCode
from wastetrack.containers.bases import CHECKS, TransferBasis
from wastetrack.containers.policy import demand_own
from wastetrack.db.session import WriteSession
from wastetrack.errors import Broken, Malformed, refuse
from wastetrack.ids import new_id
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site


async def draft_application(
    session: WriteSession, actor: Actor, command: DraftApproval, *, replaces_id: UUID | None = None, at: datetime
) -> ApprovalRow:
    """Prepare an application; only its own organisation sees it. Raises NotFound, Forbidden, RuleBroken."""
    shipper = await parties.site(session, command.shipper_site_id)
    demand_own(actor, Verb.APPLY, shipper.organisation_id)
    receiver = await parties.site(session, command.receiver_site_id)
    lists = await catalogues.snapshot(session)
    command = _in_one_spelling(command)
    refuse(_check(lists, command, shipper, receiver, at=at))
    row = ApprovalRow(
        id=new_id(),
        kind=command.kind.value,
        state=ApprovalState.DRAFT.value,
        version=1,
        generator_id=shipper.organisation_id,
        replaces_id=replaces_id,
        created_at=at,
        last_act_at=at,
        **_content(command, shipper, receiver),
    )
    session.add(row)
    await session.flush()
    await show(session, queries.KIND, row.id, (viewer_of_organisation(shipper.organisation_id),))
    await _write_items(session, row.id, command.items)
    return row


def _content(command: DraftApproval, shipper: Site, receiver: Site) -> dict[str, Any]:
    across = command.kind is ApprovalKind.CROSS_PROVINCE
    return {
        "basis": basis_of(command).value,
        "shipper_site_id": shipper.id,
        "receiver_id": receiver.organisation_id,
        "receiver_site_id": receiver.id,
        "origin_region": shipper.region_code,
        "destination_region": receiver.region_code,
        "deciding": deciding(command.kind, shipper.region_code),
        "replying": receiver.region_code[:2] if across else None,
        "from_on": command.from_on,
        "to_on": command.to_on,
        "group_name": command.group_name.strip(),
        "remarks": command.remarks,
    }


def deciding(kind: ApprovalKind, origin: str) -> str:
    """The jurisdiction that decides: the province of origin, or as the deployment has chosen."""
    choices = {
        ApprovalKind.POINT_TO_POINT: jurisdiction().point_to_point_authority,
        ApprovalKind.GROUP_INTERNAL: jurisdiction().group_internal_authority,
    }
    choice = choices.get(kind)
    return origin[:4] if choice is not None and choice.value == "prefecture" else origin[:2]


def _in_one_spelling(command: DraftApproval) -> DraftApproval:
    """Codes and methods as the lists write them, as far as they can be read at all."""

    def read(item: ItemWanted) -> ItemWanted:
        code, method = item.waste_code, item.method
        try:
            code = str(parse_any(code))
            method = parse_method(method)
        except Malformed:  # told below, with its field
            pass
        return dataclasses.replace(item, waste_code=code, method=method)

    return dataclasses.replace(command, items=tuple(read(item) for item in command.items))


def _check(lists: Catalogue, command: DraftApproval, shipper: Site, receiver: Site, *, at: datetime) -> list[Broken]:
    today = legal_day(at)
    hazardous = CHECKS[basis_of(command)].hazardous
    broken = check_application(
        command,
        origin=shipper.region_code,
        destination=receiver.region_code,
        same_firm=shipper.organisation_id == receiver.organisation_id,
    )
    if command.to_on < today:
        message = "The period asked for ended on {value}."
        broken.append(Broken("to_on", "period_over", message, command.to_on.isoformat(), article="令23 art. 22"))
    if command.to_on > today + timedelta(days=3660):
        message = "The period asked for ends on {value}, which is more than ten years away."
        broken.append(Broken("to_on", "period_implausible", message, command.to_on.isoformat()))
    for index, item in enumerate(command.items):
        field = f"items.{index}.waste_code"
        unlisted = lists.why_not_code(item.waste_code, today, field=field)
        broken += unlisted
        if not unlisted and is_general(item.waste_code) is hazardous:
            broken.append(_other_sort(field, item.waste_code, hazardous=hazardous))
        code = None if unlisted else parse_any(item.waste_code)
        broken += lists.why_not_treatment(
            item.method, today, code=code if isinstance(code, WasteCode) else None, field=f"items.{index}.method"
        )
    return broken


def _other_sort(field: str, code: str, *, hazardous: bool) -> Broken:
    message = (
        "{value} is a code of general industrial solid waste; this application is for hazardous waste."
        if hazardous
        else "{value} is a code of hazardous waste; this application is for general industrial solid waste."
    )
    step = "Choose the ground on which the receiver takes the waste, or correct the code."
    return Broken(field, "waste_of_other_sort", message, code, article="固废法 art. 22, 82", next_step=step)


async def _write_items(session: WriteSession, approval_id: UUID, items: tuple[ItemWanted, ...]) -> None:
    session.add_all(
        ApprovalItemRow(
            id=new_id(),
            approval_id=approval_id,
            position=position,
            waste_code=item.waste_code,
            waste_name=item.waste_name.strip(),
            form=item.form.value,
            quantity_g=item.quantity.grams,
            method=item.method,
        )
        for position, item in enumerate(items, 1)
    )
    await session.flush()


async def amend_application(
    session: WriteSession,
    actor: Actor,
    approval_id: UUID,
    command: DraftApproval,
    *,
    version: int | None,
    at: datetime,
) -> ApprovalRow:
    """Replace the content of an application that is not submitted, or was sent back. Raises ApprovalUnknown, Forbidden,
    OutOfTurn once it is with the authority, Changed, RuleBroken."""
    row = await queries.locked(session, actor, approval_id)
    demand_own(actor, Verb.APPLY, row.generator_id)
    check_version(row, version)
    _demand_open(row)
    if command.kind.value != row.kind:
        message = "An application stays what it is; make a new one of the other kind."
        refuse([Broken("kind", "other_kind", message, command.kind)])
    shipper = await parties.site(session, command.shipper_site_id)
    demand_own(actor, Verb.APPLY, shipper.organisation_id)
    receiver = await parties.site(session, command.receiver_site_id)
    command = _in_one_spelling(command)
    refuse(_check(await catalogues.snapshot(session), command, shipper, receiver, at=at))
    for name, value in _content(command, shipper, receiver).items():
        setattr(row, name, value)
    row.version += 1
    row.last_act_at = at
    await session.flush()
    await session.execute(delete(ApprovalItemRow).where(col(ApprovalItemRow.approval_id) == approval_id))
    await _write_items(session, approval_id, command.items)
    return row


def check_version(row: ApprovalRow, version: int | None) -> None:
    """Raise Changed when the actor saw another version than the one that stands."""
    if version is not None and version != row.version:
        message = "Somebody changed this application meanwhile (version {now}, you saw {seen}). Read it again."
        raise Changed("approval_changed", message, now=row.version, seen=version)


def _demand_open(row: ApprovalRow) -> None:
    if ApprovalState(row.state) not in states.OPEN:
        message = "An application that is {state} is not changed any more."
        raise OutOfTurn("approval_not_open", message, state=ApprovalState(row.state))


async def copy_application(
    session: WriteSession, actor: Actor, approval_id: UUID, *, in_place: bool = False, at: datetime
) -> ApprovalRow:
    """A new draft with the content of an application, for the cases of 令23 art. 28. `in_place`: once approved it takes
    the place of the one it is copied from. Raises ApprovalUnknown, Forbidden, RuleBroken."""
    old = await queries.approval(session, actor, approval_id)
    demand_own(actor, Verb.APPLY, old.row.generator_id)
    today = legal_day(at)
    length = old.row.to_on - old.row.from_on
    begin = max(old.row.from_on, today)
    command = DraftApproval(
        kind=ApprovalKind(old.row.kind),
        shipper_site_id=old.row.shipper_site_id,
        receiver_site_id=old.row.receiver_site_id,
        from_on=begin,
        to_on=begin + length,
        items=queries.wanted(old.items),
        basis=TransferBasis(old.row.basis),
        group_name=old.row.group_name,
        remarks=old.row.remarks,
    )
    return await draft_application(session, actor, command, replaces_id=old.row.id if in_place else None, at=at)


async def attach_document(
    session: WriteSession,
    store: FileStore,
    actor: Actor,
    approval_id: UUID,
    file: Examined,
    *,
    kind: DocumentKind,
    most_bytes: int,
    at: datetime,
) -> Attachment:
    """Put a document beside an application that its own organisation still prepares or corrects. Raises
    ApprovalUnknown, Forbidden, OutOfTurn, RuleBroken."""
    row = await queries.locked(session, actor, approval_id)
    demand_own(actor, Verb.ATTACH, row.generator_id)
    demand_office(actor)
    _demand_open(row)
    kept = await attaching.attach(
        session, store, actor, Subject(queries.KIND, row.id), file, most_bytes=most_bytes, at=at
    )
    session.add(ApprovalDocumentRow(attachment_id=kept.id, approval_id=row.id, kind=kind.value))
    await session.flush()
    return kept
