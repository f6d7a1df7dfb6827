"""Whether containers may come to stand in a place: pure rules of GB 18597-2023 on what stands there already."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from wastetrack.catalogues.compatibility import ARTICLE, Content, incompatible
from wastetrack.catalogues.jurisdiction import Jurisdiction
from wastetrack.containers.model import Form
from wastetrack.errors import Broken
from wastetrack.mass import ZERO, Mass
from wastetrack.parties.model import Store
from wastetrack.parties.storerooms import StoreKind

_LIQUID = Form.LIQUID.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Containers of like content in one store, or one that comes: how many grams, litres, and one of their codes."""

    store_id: UUID | None = None
    content: Content
    form: str
    net: Mass
    volume_l: int
    largest_l: int
    digital_code: str


@dataclass(frozen=True, slots=True)
class Containment:
    """What a bund must hold for the liquid in its area (6.2.2, 6.5.2), and what it holds."""

    needed_l: int
    held_l: int | None
    article: str

    @property
    def suffices(self) -> bool:
        """Whether it is enough; where nobody has said what it holds, this cannot be said."""
        return self.held_l is None or self.held_l >= self.needed_l


def limit_of(store: Store, facility: Store, figures: Jurisdiction) -> Mass:
    """What may stand in a store; no storage spot, and no zone of one, may hold more than the standard's figure."""
    if facility.kind is StoreKind.SPOT:
        return min(store.limit, Mass(figures.storage_spot_limit.value))
    return store.limit


def containment(store: Store, facility: Store, standing: Iterable[Standing], figures: Jurisdiction) -> Containment:
    """The bund of a store and the liquid that stands there; a zone without a figure of its own drains into the
    facility's."""
    liquids = [one for one in standing if one.form == _LIQUID]
    largest = max((one.largest_l for one in liquids), default=0)
    if facility.kind is StoreKind.TANK_FARM:
        return Containment(largest, store.room.containment_l, "GB 18597-2023 6.5.2")
    total = sum(one.volume_l for one in liquids)
    share = -(-total * figures.containment_per_mille.value // 1000)
    return Containment(max(largest, share), store.room.containment_l, figures.containment_per_mille.article)


def why_not_here(
    store: Store, facility: Store, standing: Sequence[Standing], coming: Sequence[Standing], figures: Jurisdiction
) -> list[Broken]:
    """Every rule that forbids these containers to come here; `standing` is all that stands in the facility."""
    here = [one for one in standing if one.store_id == store.id]
    broken = _why_full(store, facility, here, coming, figures)
    if facility is not store and not broken:
        broken = _why_full(facility, facility, standing, coming, figures)
    broken += _why_incompatible(here, coming)
    broken += _why_not_in_pool(facility, standing, coming)
    of_bund, in_bund = (facility, standing) if store.room.containment_l is None else (store, here)
    broken += _why_spilling(of_bund, facility, [*in_bund, *coming], coming, figures)
    return broken


def _why_full(
    store: Store, facility: Store, standing: Iterable[Standing], coming: Iterable[Standing], figures: Jurisdiction
) -> list[Broken]:
    limit = limit_of(store, facility, figures)
    held = sum((one.net for one in standing), ZERO)
    adding = sum((one.net for one in coming), ZERO)
    if held + adding <= limit:
        return []
    facts: dict[str, object] = {
        "limit": limit.kg_text(),
        "held": held.kg_text(),
        "adding": adding.kg_text(),
    }
    step = "Choose another store, or send waste away first."
    code, article = "store_full", "GB 18597-2023"
    message = "Store {value} may hold {limit}; it holds {held}, and {adding} would be added."
    if facility.kind is StoreKind.SPOT and held + adding > Mass(figures.storage_spot_limit.value):
        code, article = "storage_spot_full", figures.storage_spot_limit.article
        message = "Storage spot {value} may hold {limit} at any time; it holds {held}, and {adding} would be added."
    return [Broken("store_id", code, message, store.code, article=article, facts=facts, next_step=step)]


def _why_incompatible(here: Iterable[Standing], coming: Sequence[Standing]) -> list[Broken]:
    found: dict[tuple[str, str], Broken] = {}
    for new, old in (*((new, old) for new in coming for old in here), *combinations(coming, 2)):
        pair = incompatible(new.content, old.content)
        if pair is None or (new.content.waste_code, old.content.waste_code) in found:
            continue
        message = (
            "Container {value} ({waste_code}) must not stand beside {other} ({other_code}): "
            "{one} and {theirs} give {danger}."
        )
        facts: dict[str, object] = {
            "waste_code": new.content.waste_code,
            "other": old.digital_code,
            "other_code": old.content.waste_code,
            "one": pair.one,
            "theirs": pair.other,
            "danger": pair.danger,
        }
        step = "Choose another zone, or state the class of what is in the container if the code says it wrongly."
        found[new.content.waste_code, old.content.waste_code] = Broken(
            "store_id", "incompatible", message, new.digital_code, article=ARTICLE, facts=facts, next_step=step
        )
    return list(found.values())


def _why_not_in_pool(facility: Store, standing: Iterable[Standing], coming: Iterable[Standing]) -> Iterator[Broken]:
    if facility.kind is not StoreKind.POOL:
        return
    categories = sorted({f"HW{one.content.waste_code[-2:]}" for one in (*standing, *coming)})
    if len(categories) > 1:
        message = "A storage pool holds waste of one category; here it would be {value}."
        step = "Choose another store."
        yield Broken("store_id", "pool_of_one", message, ", ".join(categories), "GB 18597-2023 3.6", next_step=step)


def _why_spilling(
    store: Store, facility: Store, liquids: Iterable[Standing], coming: Iterable[Standing], figures: Jurisdiction
) -> Iterator[Broken]:
    if not any(one.form == _LIQUID for one in coming):
        return
    bund = containment(store, facility, liquids, figures)
    if not bund.suffices:
        message = "The containment of {value} holds {held} L; with this liquid it must hold {needed} L."
        facts: dict[str, object] = {"held": bund.held_l, "needed": bund.needed_l}
        step = "Choose another store, or enlarge the containment and enter its volume."
        yield Broken(
            "store_id", "containment_too_small", message, store.code, bund.article, facts=facts, next_step=step
        )
