"""Weigh and label in one form: the scale's mass, what the list knows of the waste, the room that the plan leaves.

Saving prints the label, and the next container begins with all that stays the same.
"""

from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Form, Query
from pydantic import BeforeValidator
from starlette.responses import Response

from wastetrack.auth.policy import Verb, demand
from wastetrack.catalogues import queries as catalogues
from wastetrack.catalogues.compatibility import CompatibilityClass
from wastetrack.containers import queries
from wastetrack.containers.labelling import label_container
from wastetrack.containers.ledger_facts import Generation
from wastetrack.containers.model import Form as Matter
from wastetrack.containers.model import LabelContainer, Packaging, Packed, PrintLabels, PrintReason, check_weighing
from wastetrack.containers.printing import print_labels
from wastetrack.containers.queries import Container
from wastetrack.db.session import ReadSession
from wastetrack.errors import Malformed, RuleBroken, refuse
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.parties import queries as parties
from wastetrack.parties.model import Site, usable
from wastetrack.reports.label_pdf import LabelPaper
from wastetrack.reports.plan_use import WasteUse, use_of_plans
from wastetrack.reports.printed_labels import check_paper, figures_of_print
from wastetrack.serving.deps import Reading, ReadWork, Writing
from wastetrack.serving.idempotency import AnsweringRoute
from wastetrack.serving.keys import DeploymentKeys
from wastetrack.serving.room_router import RoomRouter
from wastetrack.serving.written_text import Day, Line
from wastetrack.web.catalogues import HAZARD_NAMES, today
from wastetrack.web.containers import FRAMING, paper_of
from wastetrack.web.custody_fields import SCALES, DescribedForm, Search, WeighingForm, kilograms, naming_fields
from wastetrack.web.forms import EMPTY, Filled, asked_again
from wastetrack.web.labelling import described, known_waste
from wastetrack.web.printing import PAPERS
from wastetrack.web.rendering import AnyPage, Page
from wastetrack.web.scale_fields import read_off, weights_at

router = RoomRouter(prefix="/containers", route_class=AnsweringRoute)

_SLIPS = (Decimal(1000), Decimal(1) / 1000)
"""Tonnes or grams typed into a field in kilograms."""

_LARGEST_L = 100_000

PaperOrNone = Annotated[LabelPaper | None, BeforeValidator(lambda value: value or None)]


class LabelForm(DescribedForm):
    """A container that was filled, weighed, and gets its label. Without a paper nothing is printed yet."""

    site_id: UUID
    generated_on: Day
    store_id: UUID | None = None
    department: Line = ""
    layers: int = 1
    filled_percent: int | None = None
    highly_infectious: bool = False
    trade_name: Line = ""
    facility_code: Line = ""
    destination: Line = ""
    handler: Line = ""
    paper: PaperOrNone = None
    then: Line = ""
    """`next`: on to another container like this one."""

    def packed(self) -> Packed:
        """How it was packed."""
        return Packed(
            department=self.department,
            layers=self.layers,
            filled_percent=self.filled_percent,
            highly_infectious=self.highly_infectious,
        )

    def generation(self) -> Generation:
        """What the ledger asks beside the label."""
        return Generation(
            trade_name=self.trade_name,
            facility_code=self.facility_code,
            destination=self.destination,
            handler=self.handler,
        )

    def kept(self) -> dict[str, str]:
        """What the container itself does not tell and the next one has in common with it."""
        kept = {
            "facility_code": self.facility_code,
            "trade_name": self.trade_name,
            "destination": self.destination,
            "handler": self.handler,
            "paper": "" if self.paper is None else self.paper.value,
        }
        return {name: value for name, value in kept.items() if value}


class Asked(Search):
    """With what the form begins: a code, or a container whose like is filled again; `made` was just saved."""

    waste_code: Line = ""
    like: UUID | None = None
    made: UUID | None = None
    printed: UUID | None = None
    facility_code: Line = ""
    trade_name: Line = ""
    destination: Line = ""
    handler: Line = ""
    paper: Line = ""


class Typed(Search):
    """The form as far as it is filled in, as the room and the doubts are asked for."""

    site_id: UUID | None = None
    waste_code: Line = ""
    gross: Line = ""
    tare: Line = ""
    volume_l: Line = ""


async def ask_label(page: Page, work: ReadWork, filled: Filled) -> Response:
    """The form, as it was refused."""
    return await _show(page, work, filled, made=None, printed=None)


async def _show(
    page: Page, work: ReadWork, filled: Filled, *, made: Container | None, printed: UUID | None
) -> Response:
    demand(work.actor, Verb.LABEL)
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    stores = usable(await parties.stores_at(work.session, work.actor, [site.id for site in sites]))
    day = today(page.request, work)
    site_id = filled.value("site_id") or (str(sites[0].id) if len(sites) == 1 else "")
    typed = Typed.model_validate({"site_id": site_id, **_typed(filled)})
    answer = page.show(
        "containers/new.html",
        filled=filled,
        sites=sites,
        stores=stores,
        day=day,
        waste=await _entry(work.session, filled.value("waste_code"), day),
        weights=await weights_at(work, [site.id for site in sites]),
        papers=PAPERS,
        made=made,
        printed=printed,
        paper=None if printed is None else await paper_of(work, printed),
        forms_of_matter=Matter,
        packagings=Packaging,
        compatibility_classes=CompatibilityClass,
        scales=SCALES,
        hazard_names=HAZARD_NAMES,
        **await _told(work, typed, sites),
    )
    if printed is not None:
        answer.headers["content-security-policy"] = FRAMING
    return answer


def _typed(filled: Filled) -> dict[str, str]:
    return {name: filled.value(name) for name in ("waste_code", "gross", "tare", "volume_l")}


async def _entry(session: ReadSession, code: str, on: Day) -> object:
    if not code:
        return None
    try:
        return (await catalogues.snapshot(session)).waste(code, on)
    except (RuleBroken, Malformed):
        return None


@router.get("/new")
async def new(page: AnyPage, work: Reading, asked: Annotated[Asked, Query()]) -> Response:
    """The form: empty, with what the list says of a code, or like a container that was filled before."""
    if asked.like is not None:
        row = await queries.container(work.session, work.actor, asked.like)
        made = row if asked.made == row.id else None
        return await _show(page, work, Filled.of(_like(row, asked)), made=made, printed=asked.printed)
    day = today(page.request, work)
    known = await known_waste(work.session, asked.waste_code, day) if asked.waste_code else EMPTY
    return await _show(page, work, known, made=None, printed=None)


def _like(row: Container, asked: Asked) -> dict[str, object]:
    """All that the next container has in common with this one; only its gross mass is its own."""
    return {
        "site_id": row.made_at_site_id,
        "store_id": row.store_id if row.site_id == row.made_at_site_id else None,
        "waste_code": row.waste_code,
        "waste_name": row.waste_name,
        "hazards": list(row.hazards),
        "form": row.form,
        "main_components": row.main_components,
        "harmful_components": row.harmful_components,
        "precautions": row.precautions,
        "compatibility": row.compatibility,
        "packaging": row.packaging,
        "volume_l": row.volume_l,
        "tare": kilograms(row.tare_g),
        "method": row.method,
        "scale_id": row.scale_id,
        "uncertainty": kilograms(row.uncertainty_g),
        "department": row.department,
        "layers": row.layers,
        "facility_code": asked.facility_code,
        "trade_name": asked.trade_name,
        "destination": asked.destination,
        "handler": asked.handler,
        "paper": asked.paper,
    }


@router.get("/new/told")
async def told(page: AnyPage, work: Reading, typed: Annotated[Typed, Query()]) -> Response:
    """The net mass, what looks like a slip of the unit, and the room that the plan leaves; told while one types."""
    sites = await parties.sites_of(work.session, work.actor.organisation_id)
    return page.show("containers/told.html", **await _told(work, typed, sites))


async def _told(work: ReadWork, typed: Typed, sites: tuple[Site, ...]) -> dict[str, Any]:
    gross, tare = _mass(typed.gross), _mass(typed.tare)
    net = None if gross is None or tare is None else gross - tare
    return {
        "net": net,
        "doubt": _doubt(gross, tare, typed.volume_l),
        "room": await _room(work, typed, sites),
        "this_g": max(0, net.grams) if net is not None else 0,
    }


def _mass(typed: str) -> Mass | None:
    try:
        return Mass.parse(f"{typed} kg") if typed else None
    except Malformed:
        return None


def _doubt(gross: Mass | None, tare: Mass | None, volume: str) -> dict[str, str] | None:
    """A gross mass that cannot be right, and the one that was probably meant: typed in tonnes, or in grams."""
    if gross is None or tare is None or not volume.isdecimal() or not 0 < int(volume) <= _LARGEST_L:
        return None
    form = WeighingForm(gross=gross, tare=tare)
    if not check_weighing(form.weighing(), int(volume)):
        return None
    for times in _SLIPS:
        grams = Decimal(gross.grams) * times
        if grams != grams.to_integral_value():
            continue
        meant = Mass(int(grams))
        if not check_weighing(WeighingForm(gross=meant, tare=tare).weighing(), int(volume)):
            return {"typed": kilograms(gross.grams), "meant": kilograms(meant.grams)}
    return None


async def _room(work: ReadWork, typed: Typed, sites: tuple[Site, ...]) -> WasteUse | None:
    """What the plan of the year leaves for a waste at a site; None where nothing is said of it."""
    here = [site for site in sites if site.id == typed.site_id]
    if not here or not typed.waste_code:
        return None
    (of,) = await use_of_plans(work.session, work.actor, here, at=work.at)
    if not of.is_filed:
        return None
    return next((one for one in of.wastes if one.waste_code == typed.waste_code), None)


@router.post("/new")
@asked_again(ask_label)
async def label(page: AnyPage, work: Writing, keys: DeploymentKeys, form: Annotated[LabelForm, Form()]) -> Response:
    """Take a new container into the ledger and print its label."""
    form = await read_off(work.session, form)
    with naming_fields():
        command = LabelContainer(
            site_id=form.site_id,
            description=await described(work.session, form, form.generated_on),
            packaging=form.packaging,
            volume_l=form.volume_l,
            weighing=form.weighing(),
            generated_on=form.generated_on,
            store_id=form.store_id,
            packed=form.packed(),
            generation=form.generation(),
        )
        row, _ = await label_container(work.session, work.actor, command, at=work.at)
        printed = None if form.paper is None else await _printed(work, keys, row.id, form.paper)
    told = {"made": row.id} | ({} if printed is None else {"printed": printed})
    if form.then == "next":
        return page.go(f"/containers/new?{urlencode({'like': row.id, **told, **form.kept()})}")
    if printed is None:
        done = message("The container is in the ledger. Print its label and stick it on.")
        return page.go(f"/containers/{row.id}", done)
    done = message("The container is in the ledger, and its label is printed. Stick it on.")
    return page.go(f"/containers/{row.id}?{urlencode({'printed': printed})}", done)


async def _printed(work: Writing, keys: DeploymentKeys, container_id: UUID, paper: LabelPaper) -> UUID:
    """Count the first print of a label. Raises RuleBroken where the paper does not suit it."""
    first = PrintLabels(container_ids=(container_id,), why=PrintReason.FIRST, paper=paper.value)
    _, appended = await print_labels(work.session, work.actor, first, at=work.at)
    figures, chosen = await figures_of_print(
        work.session, work.actor, appended.id, base_url=keys.base_url, label_key=keys.label_key
    )
    refuse(check_paper(figures, chosen))
    return appended.id
