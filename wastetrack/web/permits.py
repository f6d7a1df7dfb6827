"""Pages of operating permits: read, grant, renew, suspend, restore."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.catalogues.queries import snapshot
from wastetrack.i18n import message
from wastetrack.parties import permit_queries, permitting, policy, queries
from wastetrack.parties.commands import GrantPermit, ItemToGrant, LiftSuspension, RenewPermit, SuspendPermit
from wastetrack.parties.permits import Permit, PermitKind
from wastetrack.serving.deps import ReadWork, WriteWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line, Prose
from wastetrack.web.catalogues import today
from wastetrack.web.form_lines import LineTable
from wastetrack.web.forms import EMPTY, Filled, asked_again, offer
from wastetrack.web.reading_fields import Several, Tonnes
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(route_class=AnsweringRoute)


class PermitForm(BaseModel):
    """A permit to grant, without its lines."""

    number: Line = ""
    kind: PermitKind
    valid_from: Day
    valid_to: Day
    site_id: UUID | None = None
    step: Literal["check", "change", "enter"] = "enter"
    """A person first checks what was typed, goes back to change it, and then enters it; a program enters it."""


class RenewalForm(BaseModel):
    """The next permit of the same kind."""

    number: Line = ""
    valid_from: Day
    valid_to: Day


class SuspensionForm(BaseModel):
    """Days on which a permit is taken away."""

    from_on: Day
    to_on: Day | None = None
    reason: Prose = ""


class LineOfForm(BaseModel):
    """One line of a permit as typed."""

    pattern: Line = ""
    methods: Several = []
    yearly: Tonnes

    def item(self) -> ItemToGrant:
        """The line as the command wants it."""
        return ItemToGrant(pattern=self.pattern, methods=frozenset(self.methods), yearly=self.yearly)


TABLE = LineTable(LineOfForm, fewest=8, most=200)


async def ask_suspension(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The permit, with the form that suspends it."""
    found = await permit_queries.permit(work.session, page.request.path_params["permit_id"])
    holder = await queries.organisation(work.session, found.organisation_id)
    lists = await snapshot(work.session)
    day = today(page.request, work)
    return page.show(
        "parties/permit.html",
        filled=filled,
        permit=found,
        holder=holder,
        site=await queries.site(work.session, found.site_id) if found.site_id else None,
        day=day,
        methods={method.code: method for method in lists.treatments_on(day)},
        may_permit=bool(policy.may_permit(work.actor, holder.region_code)),
    )


offer(router, "/permits/{permit_id:uuid}", ask_suspension)


async def ask_permit(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a permit."""
    holder = await queries.organisation(work.session, page.request.path_params["organisation_id"])
    policy.demand(policy.may_permit(work.actor, holder.region_code), "may_not_grant_permit")
    lists = await snapshot(work.session)
    return page.show(
        "parties/permit_form.html",
        filled=filled,
        holder=holder,
        sites=await queries.sites_of(work.session, holder.id),
        kinds=PermitKind,
        line_count=TABLE.count(filled.values),
        methods=lists.treatments_on(today(page.request, work)),
    )


offer(router, "/organisations/{organisation_id:uuid}/permits/new", ask_permit)


@router.post("/organisations/{organisation_id:uuid}/permits/new")
@asked_again(ask_permit)
async def grant(page: AnyPage, work: Writing, organisation_id: UUID, form: Annotated[PermitForm, Form()]) -> Response:
    """Enter a permit as granted, once it was checked."""
    lines = await TABLE.read(page.request)
    if form.step != "enter":
        return await _before_entering(page, work, form, lines.typed)
    told = form.model_dump(exclude={"step"})
    command = GrantPermit(organisation_id=organisation_id, items=tuple(line.item() for line in lines.typed), **told)
    with lines.naming_fields():
        made = await permitting.grant_permit(work.session, work.actor, command, at=work.at)
    return page.go(f"/permits/{made.id}", message("Permit {number} is granted."), number=made.number)


async def _before_entering(page: Page, work: WriteWork, form: PermitForm, lines: tuple[LineOfForm, ...]) -> Response:
    """What was typed, to be checked; or the form again, with what was typed in it."""
    typed = {
        name: str(value)
        for name, value in (await page.request.form()).items()
        if name not in {"step", "csrf_token", "request_id"} and value
    }
    reading = ReadWork(work.session, work.actor, work.at, work.identity)
    if form.step == "change":
        return await ask_permit(page, reading, Filled.of(typed))
    holder = await queries.organisation(work.session, page.request.path_params["organisation_id"])
    policy.demand(policy.may_permit(work.actor, holder.region_code), "may_not_grant_permit")
    return page.show(
        "parties/permit_check.html",
        form=form,
        lines=lines,
        typed=typed,
        holder=holder,
        site=await queries.site(work.session, form.site_id) if form.site_id else None,
    )


async def ask_renewal(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form of a renewal; its lines begin as those of the old permit."""
    old = await permit_queries.permit(work.session, page.request.path_params["permit_id"])
    holder = await queries.organisation(work.session, old.organisation_id)
    policy.demand(policy.may_permit(work.actor, holder.region_code), "may_not_grant_permit")
    lists = await snapshot(work.session)
    if filled is EMPTY:
        filled = Filled.of({"number": old.number} | _typed_lines(old))
    return page.show(
        "parties/renewal_form.html",
        filled=filled,
        permit=old,
        line_count=TABLE.count(filled.values),
        methods=lists.treatments_on(today(page.request, work)),
    )


def _typed_lines(old: Permit) -> dict[str, object]:
    typed: dict[str, object] = {}
    for number, item in enumerate(old.items):
        typed[f"items.{number}.pattern"] = item.pattern
        typed[f"items.{number}.methods"] = " ".join(sorted(item.methods))
        typed[f"items.{number}.yearly"] = item.yearly.tonne_text().removesuffix(" t")
    return typed


offer(router, "/permits/{permit_id:uuid}/renew", ask_renewal)


@router.post("/permits/{permit_id:uuid}/renew")
@asked_again(ask_renewal)
async def renew(page: AnyPage, work: Writing, permit_id: UUID, form: Annotated[RenewalForm, Form()]) -> Response:
    """Enter the next permit."""
    lines = await TABLE.read(page.request)
    command = RenewPermit(permit_id=permit_id, items=tuple(line.item() for line in lines.typed), **dict(form))
    with lines.naming_fields():
        made = await permitting.renew_permit(work.session, work.actor, command, at=work.at)
    return page.go(f"/permits/{made.id}", message("Permit {number} is granted."), number=made.number)


@router.post("/permits/{permit_id:uuid}/suspend")
@asked_again(ask_suspension)
async def suspend(page: AnyPage, work: Writing, permit_id: UUID, form: Annotated[SuspensionForm, Form()]) -> Response:
    """Take a permit away from a day on."""
    command = SuspendPermit(permit_id=permit_id, **dict(form))
    made = await permitting.suspend_permit(work.session, work.actor, command, at=work.at)
    return page.go(f"/permits/{made.id}", message("Permit {number} is suspended."), kind="warn", number=made.number)


@router.post("/permits/{permit_id:uuid}/suspensions/{suspension_id:uuid}/lift")
@asked_again(ask_suspension)
async def lift(
    page: AnyPage, work: Writing, permit_id: UUID, suspension_id: UUID, last_on: Annotated[Day, Form()]
) -> Response:
    """End a suspension."""
    command = LiftSuspension(permit_id=permit_id, suspension_id=suspension_id, last_on=last_on)
    await permitting.lift_suspension(work.session, work.actor, command, at=work.at)
    return page.go(f"/permits/{permit_id}", message("The suspension ends."))
