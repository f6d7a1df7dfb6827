"""What each kind of event does to the threads of its containers."""

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from wastetrack.reports.chains.model import CustodyStage, Event, Graph, Node, Note, StepKind
from wastetrack.reports.chains.reading import grams, ids, rows, text
from wastetrack.reports.chains.weaving import Loom, Thread, measured

_TAKEN_IN = frozenset({"accepted", "accepted_with_difference"})
_BAD = frozenset(
    {"signature_repudiated", "mismatch_reported", "incident_reported", "manifest_voided", "manifest_rejected"}
    | {"correction_refused", "containers_missing"}
)
_NOBODY = UUID(int=0)
# Said of paper or label, not of where the goods are.
_SILENT = frozenset({"label_printed", "medical_bag_packed", "manifest_filed", "stock_take_begun", "stock_taken"})


def weave(
    events: Iterable[Event],
    wanted: Iterable[UUID],
    starts: Iterable[UUID] = (),
    *,
    sighted: Iterable[object] = (),
) -> Graph:
    """The graph of these events (in the order of their arrival) for the wanted containers.

    `sighted` names, by id or digital code, further containers that the reader may see; others are told as not in sight.
    """
    loom = Loom(wanted, sighted)
    reopened: dict[UUID, tuple[Node, object]] = {}
    batches: dict[str, _Batch] = {}
    for event in events:
        if event.kind == "container_labelled":
            _labelled(loom, event, batches)
        elif event.kind == "batch_treated":
            batches[str(event.id)] = _treated(loom, event)
        elif event.kind == "entry_reversed":
            _reversed(loom, event, reopened)
        elif event.kind == "correction_consented" and grams(event.facts, "measured_g") is not None:
            _restated(loom, event, reopened)
        else:
            _play(loom, event)
    for batch in batches.values():
        batch.close(loom)
    return loom.graph(starts)


def _play(loom: Loom, event: Event) -> None:
    if event.kind == "signature_repudiated":
        for node in loom.by_event.get(text(event.facts, "repudiates"), ()):
            node.notes.append(Note(event, is_bad=True))
    elif event.kind in _STEPS:
        _STEPS[event.kind](loom, event)
    elif event.kind not in _SILENT:
        loom.say(event, _wanted(loom, event), is_bad=event.kind in _BAD)


def _wanted(loom: Loom, event: Event) -> list[UUID]:
    return [subject for subject in event.subjects if subject in loom.wanted]


class _Batch:
    """A batch of treatment, whose residues are labelled after it."""

    def __init__(self, event: Event, node: Node, residue_g: int, residues: list[str]) -> None:
        self.event, self.node = event, node
        self.residue_g, self.residues = residue_g, residues

    def give(self, loom: Loom, residue: Node) -> None:
        loom.join(self.node, residue, residue.mass_g, residue.mass_g)
        self.residue_g -= residue.mass_g
        self.residues = [code for code in self.residues if code != residue.digital_code]

    def close(self, loom: Loom) -> None:
        """Residues that nobody here follows; the event tells their mass together only."""
        if self.residue_g <= 0 or not self.residues:
            return
        masses = [self.residue_g, *(0 for _ in self.residues[1:])]
        if any(code not in loom.sighted for code in self.residues):  # together they are as far out of sight as one
            threads = [Thread(_NOBODY, "", "", mass) for mass in masses]
        else:
            threads = [Thread(_NOBODY, code, "", mass) for code, mass in zip(self.residues, masses, strict=True)]
        for rest in loom.others(self.event, CustodyStage.RESULT, threads, "out"):
            loom.join(self.node, rest, rest.mass_g, rest.mass_g)


def _labelled(loom: Loom, event: Event, batches: Mapping[str, _Batch]) -> None:
    container_id = event.subjects[0]
    if container_id not in loom.wanted:
        return
    made_by = text(event.facts, "made_by")
    if made_by in batches:
        batches[made_by].give(loom, loom.made(container_id, event, CustodyStage.RESULT))
    elif made_by:
        loom.labels[container_id] = event
    else:
        loom.made(container_id, event, CustodyStage.MADE)


def _treated(loom: Loom, event: Event) -> _Batch:
    facts = event.facts
    told = list(zip(event.subjects, rows(facts, "containers"), strict=False))
    inputs = [
        Thread(container_id, text(one, "digital_code"), text(one, "waste_code"), grams(one, "net_g") or 0)
        for container_id, one in told
    ]
    products = rows(facts, "products")
    residue_g = grams(facts, "residue_g") or 0
    whole = sum(one.mass_g for one in inputs)
    added = max(0, residue_g + sum(grams(one, "mass_g") or 0 for one in products) - whole)
    node = loom.add(
        Node(
            id=f"{event.id}:batch",
            kind=StepKind.BATCH,
            stage=CustodyStage.TREATED,
            event=event,
            mass_g=whole + added,
            name=text(facts, "method"),
            site=text(facts, "site"),
        )
    )
    _feed(loom, event, node, inputs)
    if added:
        extra = loom.add(Node(f"{event.id}:added", StepKind.ADDED, CustodyStage.KEPT, event, added))
        loom.join(extra, node, added, added)
    for place, one in enumerate(products):
        mass = grams(one, "mass_g") or 0
        product = Node(f"{event.id}:product:{place}", StepKind.PRODUCT, CustodyStage.RESULT, event, mass)
        product.name, product.site = text(one, "name"), text(facts, "site")
        loom.join(node, loom.add(product), mass, mass)
    residues = facts.get("residues")
    return _Batch(event, node, residue_g, [str(code) for code in residues] if isinstance(residues, list) else [])


def _feed(loom: Loom, event: Event, batch: Node, inputs: list[Thread]) -> None:
    others = []
    for one in inputs:
        before = loom.stands(one.container_id) if one.container_id in loom.wanted else None
        if before is None:
            others.append(one)
        else:
            loom.join(before, batch, one.mass_g, one.mass_g)
    for rest in loom.others(event, CustodyStage.KEPT, others, "in"):
        loom.join(rest, batch, rest.mass_g, rest.mass_g)


def _reversed(loom: Loom, event: Event, reopened: dict[UUID, tuple[Node, object]]) -> None:
    name = text(event.facts, "container")
    container_id = UUID(name) if name and name != "None" else None
    if container_id is None or container_id not in loom.wanted:
        return
    wrong, edge = loom.strike(container_id, text(event.facts, "reverses"))
    if wrong is None:
        return
    wrong.notes.append(Note(event, is_bad=True))
    reopened[container_id] = (wrong, edge)
    if not event.facts.get("correction") and edge is not None:  # a day of a pipe, which is stated anew from the start
        loom.last[container_id] = edge.source


def _restated(loom: Loom, event: Event, reopened: dict[UUID, tuple[Node, object]]) -> None:
    name = text(event.facts, "container")
    container_id = UUID(name) if name and name != "None" else None
    if container_id is None or container_id not in reopened:
        return
    wrong, edge = reopened.pop(container_id)
    loom.restate(container_id, event, wrong, edge, grams(event.facts, "measured_g") or 0)  # type: ignore[arg-type]


def _repacked(loom: Loom, event: Event) -> None:
    before, after = rows(event.facts, "from"), rows(event.facts, "into")
    threads = [
        Thread(container_id, text(one, "digital_code"), text(one, "waste_code"), grams(one, "net_g") or 0)
        for container_id, one in zip(event.subjects, [*before, *after], strict=False)
    ]
    sources, targets = threads[: len(before)], threads[len(before) :]
    code = next(
        (node.waste_code for one in sources if (node := loom.last.get(one.container_id)) and node.waste_code), ""
    )
    labels = {one.container_id: loom.labels.get(one.container_id) for one in targets}
    targets = [
        Thread(
            one.container_id,
            one.digital_code,
            one.waste_code or (text(label.facts, "waste_code") if (label := labels[one.container_id]) else code),
            one.mass_g,
        )
        for one in targets
    ]
    loom.pour(event, CustodyStage.REPACKED, sources, targets)


def _stored(loom: Loom, event: Event) -> None:
    for container_id in _wanted(loom, event):
        loom.step(container_id, event, loom.keeps(container_id), site=text(event.facts, "site"))


def _weighed(loom: Loom, event: Event) -> None:
    found = grams(event.facts, "net_g")
    for container_id in _wanted(loom, event)[:1]:
        before = loom.stands(container_id)
        site = text(event.facts, "site") or (before.site if before else "")
        if found is None:
            loom.step(container_id, event, CustodyStage.GONE, site=site, is_bad=True)
        else:
            loom.step(container_id, event, loom.keeps(container_id), found, site=site, **measured(event.facts))


def _carried(loom: Loom, event: Event) -> None:
    facts = event.facts
    legs = rows(facts, "legs")
    first: Mapping[str, object] = legs[0] if legs else {}
    carrier = text(facts, "carrier") or text(first, "carrier") or text(facts, "organisation")
    vehicle = text(facts, "vehicle") or text(first, "vehicle")
    stage = CustodyStage.HANDED_OVER if event.kind == "manifest_handed_over" else CustodyStage.CARRIED
    for container_id in _wanted(loom, event):
        loom.step(container_id, event, stage, carrier=carrier, vehicle=vehicle)


def _scanned(loom: Loom, event: Event) -> None:
    facts = event.facts
    outcome = text(facts, "outcome")
    for container_id in _wanted(loom, event):
        if outcome in _TAKEN_IN:
            loom.step(
                container_id,
                event,
                CustodyStage.WEIGHED_IN,
                grams(facts, "measured_g"),
                site=text(facts, "site"),
                tolerance_g=grams(facts, "tolerance_g"),
                **measured(facts),
            )
        elif outcome == "rejected":
            loom.step(container_id, event, CustodyStage.WEIGHED_IN, site=text(facts, "site"), is_bad=True)
        else:
            loom.say(event, (container_id,), is_bad=True)


def _card_received(loom: Loom, event: Event) -> None:
    for one in rows(event.facts, "found"):
        container_id = UUID(text(one, "container"))
        if container_id not in loom.wanted:
            continue
        if text(one, "found") == "missing":
            loom.step(container_id, event, CustodyStage.GONE, is_bad=True)
            continue
        site = text(event.facts, "site")
        loom.step(
            container_id, event, CustodyStage.WEIGHED_IN, grams(one, "net_g"), site=site, method=text(one, "method")
        )


def _piped(loom: Loom, event: Event) -> None:
    for container_id in _wanted(loom, event):
        loom.travelled.add(container_id)
        site = text(event.facts, "site")
        loom.step(
            container_id,
            event,
            CustodyStage.WEIGHED_IN,
            grams(event.facts, "measured_g"),
            site=site,
            **measured(event.facts),
        )


def _missing(loom: Loom, event: Event) -> None:
    named = frozenset(ids(event.facts, "containers"))
    for container_id in _wanted(loom, event):
        if not named or container_id in named:
            loom.step(container_id, event, CustodyStage.GONE, is_bad=True)


def _found(loom: Loom, event: Event) -> None:
    mass = grams(event.facts, "measured_g")
    for container_id in _wanted(loom, event):
        if mass is None:
            loom.step(container_id, event, CustodyStage.CARRIED, grams(event.facts, "missed_g"))
        else:
            loom.step(
                container_id,
                event,
                CustodyStage.WEIGHED_IN,
                mass,
                site=text(event.facts, "site"),
                **measured(event.facts),
            )


def _incident(loom: Loom, event: Event) -> None:
    lost, kind = grams(event.facts, "lost_g"), text(event.facts, "kind")
    for container_id in _wanted(loom, event):
        before = loom.stands(container_id)
        if not event.facts.get("booked") or lost is None or before is None:
            loom.say(event, (container_id,), is_bad=True)
        elif kind == "container_lost":
            loom.step(container_id, event, CustodyStage.GONE, is_bad=True)
        else:
            left = loom.left(before) - lost
            loom.step(container_id, event, CustodyStage.CARRIED, left, is_bad=True, method=text(event.facts, "method"))


def _sent_out(loom: Loom, event: Event) -> None:
    for container_id in _wanted(loom, event):
        loom.step(container_id, event, CustodyStage.GONE, site=text(event.facts, "site"))


def _collected(loom: Loom, event: Event) -> None:
    for container_id in _wanted(loom, event):
        loom.step(container_id, event, CustodyStage.COLLECTED, site=text(event.facts, "site"))


_STEPS: Mapping[str, Callable[[Loom, Event], None]] = {
    "container_weighed": _weighed,
    "container_counted": _weighed,
    "containers_stored": _stored,
    "ward_round_ended": _stored,
    "ward_handed_over": _collected,
    "institution_visited": _collected,
    "containers_repacked": _repacked,
    "container_recoded": _repacked,
    "manifest_picked_up": _carried,
    "manifest_handed_over": _carried,
    "manifest_back_entered": _carried,
    "manifest_sent_back": _carried,
    "trip_card_picked_up": _carried,
    "container_scanned": _scanned,
    "trip_card_received": _card_received,
    "pipe_day_moved": _piped,
    "containers_missing": _missing,
    "container_found": _found,
    "incident_reported": _incident,
    "general_waste_sent_out": _sent_out,
}
