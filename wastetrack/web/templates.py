"""Pages of templates: those that the firm has, keeping one of a manifest, another name, throwing away."""

from typing import Annotated
from uuid import UUID

from fastapi import Form
from pydantic import BaseModel
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand
from wastetrack.catalogues.queries import snapshot
from wastetrack.i18n import message
from wastetrack.manifests import templates
from wastetrack.manifests.templates import KeepTemplate, RenameTemplate
from wastetrack.parties import queries as parties
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Line
from wastetrack.web.custody_fields import naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.manifests import ask_manifest
from wastetrack.web.rendering import AnyPage, Page

router = RoomRouter(prefix="/manifests", route_class=AnsweringRoute)


class NameForm(BaseModel):
    """What a template is called."""

    template_name: Line = ""


async def ask_templates(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The list, with a name that was refused, if one was."""
    demand(work.actor, Verb.FILE)
    rows = await templates.templates(work.session, work.actor)
    ends = {row.receiver_site_id for row in rows} | {row.shipper_site_id for row in rows}
    sites = await parties.sites_by_id(work.session, ends)
    firms = {site.organisation_id for site in sites.values()}
    firms |= {UUID(leg["carrier_id"]) for row in rows for leg in row.legs}
    return page.show(
        "manifests/templates.html",
        filled=filled,
        rows=rows,
        sites=sites,
        firms={str(key): firm for key, firm in (await parties.organisations_by_id(work.session, firms)).items()},
        lists=await snapshot(work.session),
        refused_id=page.request.path_params.get("template_id"),
    )


@router.get("/templates")
async def listed(page: AnyPage, work: Reading) -> Response:
    """The templates of one's own organisation."""
    return await ask_templates(page, work, EMPTY)


@router.post("/{manifest_id:uuid}/template")
@asked_again(ask_manifest)
async def keep(page: AnyPage, work: Writing, manifest_id: UUID, form: Annotated[NameForm, Form()]) -> Response:
    """Keep how a manifest was planned."""
    command = KeepTemplate(manifest_id=manifest_id, name=form.template_name)
    with naming_fields({"name": "template_name"}):
        row = await templates.keep_template(work.session, work.actor, command, at=work.at)
    return page.go("/manifests/templates", message("The template “{name}” is kept."), name=row.name)


@router.post("/templates/{template_id:uuid}/rename")
@asked_again(ask_templates)
async def rename(page: AnyPage, work: Writing, template_id: UUID, form: Annotated[NameForm, Form()]) -> Response:
    """Call it otherwise."""
    command = RenameTemplate(template_id=template_id, name=form.template_name)
    with naming_fields({"name": "template_name"}):
        row = await templates.rename_template(work.session, work.actor, command, at=work.at)
    return page.go("/manifests/templates", message("The template is called “{name}” now."), name=row.name)


@router.post("/templates/{template_id:uuid}/delete")
@asked_again(ask_templates)
async def delete(page: AnyPage, work: Writing, template_id: UUID) -> Response:
    """Throw it away."""
    name = await templates.delete_template(work.session, work.actor, template_id)
    return page.go("/manifests/templates", message("The template “{name}” is thrown away."), name=name)
