"""What the events of a container make of it, played through in their order: one small player per kind of event."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from wastetrack.containers.model import ContainerState
from wastetrack.containers.stock_takes import CountOutcome
from wastetrack.manifests.journey_model import IncidentKind
from wastetrack.manifests.model import TAKEN_IN
from wastetrack.transparency.leaf import Leaf

Facts = Mapping[str, object]

_TAKEN_IN = frozenset(outcome.value for outcome in TAKEN_IN)


@dataclass(slots=True)
class Told:
    """What the events say of a container. None: no event has said it yet."""

    digital_code: object = None
    waste_code: object = None
    net_g: object = None
    gross_g: object = None
    tare_g: object = None
    method: object = None
    state: str | None = None
    site_id: object = None
    manifest_id: object = None
    last: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Played:
    """The container at hand, as events name it."""

    id: str
    digital_code: str

    def named_in(self, facts: Facts) -> bool:
        """Whether the event is about this one and not about another that it also concerns."""
        return facts.get("container") == self.id


Player = Callable[[Told, Facts, _Played], bool]
"""Changes what is told; False where the event says nothing of this container."""


def told_by(container_id: UUID, digital_code: str, leaves: Iterable[Leaf]) -> Told:
    """Play the events of a container through, in their order."""
    told, played = Told(), _Played(str(container_id), digital_code)
    for leaf in leaves:
        player = PLAYERS.get(leaf.kind)
        if player is not None and player(told, leaf.facts, played):
            told.last = leaf.id
    return told


def _weighed(told: Told, facts: Facts) -> None:
    told.net_g, told.gross_g, told.tare_g = facts.get("net_g"), facts.get("gross_g"), facts.get("tare_g")
    told.method = facts.get("method")


def _at_site(told: Told, site_id: object) -> None:
    told.state, told.site_id, told.manifest_id = ContainerState.AT_SITE.value, site_id, None


def _gone(told: Told, state: ContainerState) -> None:
    told.state, told.site_id, told.manifest_id = state.value, None, None


def _labelled(told: Told, facts: Facts, played: _Played) -> bool:
    if not played.named_in(facts):
        return False
    told.digital_code, told.waste_code = facts.get("digital_code"), facts.get("waste_code")
    _weighed(told, facts)
    _at_site(told, facts.get("site"))
    return True


def _counted(told: Told, facts: Facts, played: _Played) -> bool:
    """Put on the scale again, or looked for in a stock-take."""
    if not played.named_in(facts):
        return False
    _weighed(told, facts)
    if facts.get("outcome") == CountOutcome.MISSING.value:
        _gone(told, ContainerState.LOST)
    return True


def _loaded(told: Told, facts: Facts, _: _Played) -> bool:
    told.state, told.site_id, told.manifest_id = ContainerState.IN_TRANSIT.value, None, facts.get("manifest")
    return True


def _scanned(told: Told, facts: Facts, _: _Played) -> bool:
    if str(facts.get("outcome")) not in _TAKEN_IN:
        return False
    _taken_in(told, facts)
    return True


def _found_again(told: Told, facts: Facts, played: _Played) -> bool:
    """Missing on the way, and turned up: at a site, or back on the road."""
    if not facts.get("site"):
        return _loaded(told, facts, played)
    _taken_in(told, facts)
    return True


def _moved_by_pipe(told: Told, facts: Facts, played: _Played) -> bool:
    if not played.named_in(facts):
        return False
    _taken_in(told, facts)
    return True


def _taken_in(told: Told, facts: Facts) -> None:
    if not facts.get("measured_g"):  # a day on which one end of a pipe metered what never came out at the other
        told.net_g, told.gross_g = facts.get("sent_g"), None
        _gone(told, ContainerState.LOST)
        return
    told.net_g, told.gross_g, told.method = facts.get("measured_g"), None, facts.get("method")
    _at_site(told, facts.get("site"))


def _corrected(told: Told, facts: Facts, played: _Played) -> bool:
    if not played.named_in(facts):
        return False
    told.net_g, told.gross_g = facts.get("measured_g"), None
    return True


def _lost(told: Told, _facts: Facts, _: _Played) -> bool:
    _gone(told, ContainerState.LOST)
    return True


def _harmed(told: Told, facts: Facts, played: _Played) -> bool:
    """Lost on the way, or leaking there; what the gate had weighed before it was told changes nothing any more."""
    if not facts.get("booked") or not played.named_in(facts):
        return False
    if facts.get("kind") == IncidentKind.CONTAINER_LOST.value:
        _gone(told, ContainerState.LOST)
        return True
    lost_g = facts.get("lost_g")
    if isinstance(lost_g, int) and isinstance(told.net_g, int):
        told.net_g, told.gross_g = told.net_g - lost_g, None
    return True


def _sent_out(told: Told, _facts: Facts, _: _Played) -> bool:
    _gone(told, ContainerState.SENT_OUT)
    return True


def _treated(told: Told, facts: Facts, played: _Played) -> bool:
    listed = facts.get("containers")
    ones = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    left = next((one for one in ones if one.get("digital_code") == played.digital_code and "heel_g" in one), None)
    if left is None:
        _gone(told, ContainerState.TREATED)
    else:  # something stayed in it, and it stays where it is
        told.net_g, told.gross_g, told.method = left.get("heel_g"), left.get("gross_g"), left.get("method")
    return True


def _poured(told: Told, facts: Facts, played: _Played) -> bool:
    if played.digital_code not in _codes(facts.get("from")):
        return False
    _gone(told, ContainerState.EMPTIED)
    return True


def _visited(told: Told, facts: Facts, _: _Played) -> bool:
    _at_site(told, facts.get("site"))
    return True


def _found(told: Told, facts: Facts, played: _Played) -> bool:
    """What a store or a plant found of one of many."""
    listed = facts.get("differing") or facts.get("found")
    for one in listed if isinstance(listed, list) else ():
        if not isinstance(one, dict) or one.get("container") != played.id:
            continue
        if one.get("found") == "missing":
            _gone(told, ContainerState.LOST)
            return True
        told.net_g, told.gross_g, told.method = one.get("net_g"), None, one.get("method")
        _at_site(told, facts.get("site"))
        return True
    return False


def _codes(listed: object) -> Iterator[object]:
    if isinstance(listed, list):
        yield from (one.get("digital_code") for one in listed if isinstance(one, dict))


PLAYERS: dict[str, Player] = {
    "container_labelled": _labelled,
    "container_weighed": _counted,
    "container_counted": _counted,
    "container_recoded": _poured,
    "containers_repacked": _poured,
    "batch_treated": _treated,
    "manifest_back_entered": _loaded,
    "manifest_picked_up": _loaded,
    "manifest_sent_back": _loaded,
    "container_scanned": _scanned,
    "containers_missing": _lost,
    "container_found": _found_again,
    "general_waste_sent_out": _sent_out,
    "correction_consented": _corrected,
    "pipe_day_moved": _moved_by_pipe,
    "ward_round_ended": _found,
    "institution_visited": _visited,
    "trip_card_picked_up": _loaded,
    "trip_card_received": _found,
    "incident_reported": _harmed,
}
"""The kinds of event that say something of a container itself."""
