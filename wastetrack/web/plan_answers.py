"""A plan in the making in few words, table by table, to be checked before it is filed."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

from wastetrack.i18n import label
from wastetrack.plans.content import BY_MASS, Content, Quantity
from wastetrack.plans.model import PlanTable
from wastetrack.web.rendering import Page
from wastetrack.web.shown_values import mass_shown

_BREAK = Markup("<br>")


def answers_of(page: Page, content: Content, receivers: Mapping[str, str]) -> dict[PlanTable, str | Markup]:
    """What each table says of codes, quantities and receivers; `receivers` are names by id."""

    def much(quantity: Quantity) -> Markup:
        told = (
            mass_shown(quantity.mass())
            if quantity.unit in BY_MASS
            else f"{quantity.value:f} {label(quantity.unit, page.locale)}"
        )
        return escape(told)

    unit, reduction = content.unit, content.reduction
    return {
        PlanTable.UNIT: _lines([unit.registered_address, unit.industry, unit.legal_person, unit.eia_number]),
        PlanTable.FACILITIES: _lines(f"{one.facility_code} {one.final_product}" for one in content.facilities),
        PlanTable.GENERATION: _lines(
            Markup("{} {} · {}").format(one.waste_code, one.name, much(one.planned)) for one in content.generation
        ),
        PlanTable.STORAGE: _lines(
            Markup("{} · {} · {}").format(one.waste_code, one.facility_code, much(one.remaining))
            for one in content.storage
        ),
        PlanTable.TREATMENT: _lines(
            Markup("{} · {} · {}").format(one.waste_code, one.method, much(one.planned)) for one in content.treatment
        ),
        PlanTable.REDUCTION: _lines([reduction.less_waste, reduction.less_harm, reduction.measures]),
        PlanTable.TRANSFER: _lines(
            Markup("{} · {} · {} → {}").format(
                one.waste_code,
                one.method,
                much(one.planned),
                receivers.get(str(one.receiver_id), "") or one.receiver_name or "—",
            )
            for one in content.transfer
        ),
    }


def _lines(said: Iterable[str | Markup]) -> Markup:
    """One below the other, what is empty left out."""
    return _BREAK.join(one for one in said if str(one).strip())
