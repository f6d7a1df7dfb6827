"""The rules of the chain without a database: whatever happens, each gram has its place, and shares add up to one."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wastetrack.reports.chains.columns import board
from wastetrack.reports.chains.following import (
    backwards,
    fates,
    followed,
    forwards,
    fraction_of,
    origins,
    shares,
    start_nodes,
)
from wastetrack.reports.chains.model import ChainDirection, CustodyStage, Event, Graph, StepKind
from wastetrack.reports.chains.pictures import graph_option, sankey_option, sankey_rows
from wastetrack.reports.chains.reading import event_of, known_on
from wastetrack.reports.chains.sharing import share, spread
from wastetrack.reports.chains.steps import weave
from wastetrack.transparency.hashing import leaf_hash

CODE = "900-249-08"
SITE, PLANT = UUID(int=901), UUID(int=902)
START = datetime(2026, 3, 2, tzinfo=UTC)
masses = st.integers(min_value=1, max_value=10**9)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_what_is_shared_out_adds_up(total: int, weights: list[int]) -> None:
    parts = share(total, weights)
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
    whole = sum(weights)
    if whole:
        assert all(abs(part - Fraction(total * weight, whole)) < 1 for part, weight in zip(parts, weights, strict=True))


@given(st.lists(masses, min_size=1, max_size=8), st.lists(masses, min_size=1, max_size=8))
def test_what_is_spread_adds_up_on_both_sides(sources: list[int], targets: list[int]) -> None:
    rows = spread(sources, targets)
    assert [sum(sent for sent, _ in row) for row in rows] == sources
    assert [sum(row[place][1] for row in rows) for place in range(len(targets))] == targets


class Story:
    """Containers that are made, split, merged, carried, weighed, sent back, corrected, treated: as a log tells it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  a story, no secret
        self.events: list[Event] = []
        self.masses: dict[UUID, int] = {}
        self.at_gate: dict[UUID, tuple[UUID, int, UUID]] = {}
        self.all: list[UUID] = []
        self._next = 0

    def id(self) -> UUID:
        self._next += 1
        return UUID(int=self._next)

    def tell(self, kind: str, subjects: list[UUID], facts: Mapping[str, object], event_id: UUID | None = None) -> UUID:
        identity = event_id or self.id()
        at = START + timedelta(hours=len(self.events))
        tree = {
            "v": 1,
            "id": str(identity),
            "kind": kind,
            "subjects": [str(one) for one in subjects],
            "happened_at": at.isoformat(),
            "recorded_at": at.isoformat(),
            "facts": facts,
            "postings": [],
            "personal": None,
        }
        content = json.dumps(tree).encode()
        self.events.append(event_of(content, leaf_hash=leaf_hash(content), log_index=len(self.events)))
        return identity

    def label(self, mass: int, *, made_by: UUID | None = None) -> UUID:
        container = self.id()
        facts = {"digital_code": f"{container.int:037d}", "waste_code": CODE, "net_g": mass, "site": str(SITE)}
        self.tell("container_labelled", [container, SITE], facts | ({"made_by": str(made_by)} if made_by else {}))
        self.masses[container] = mass
        self.all.append(container)
        return container

    def named(self, containers: list[UUID], *, mass: str = "net_g") -> list[dict[str, object]]:
        return [{"digital_code": f"{one.int:037d}", "waste_code": CODE, mass: self.masses[one]} for one in containers]

    def some(self, most: int) -> list[UUID]:
        standing = list(self.masses)
        return self.random.sample(standing, min(len(standing), self.random.randint(1, most)))

    def repack(self) -> None:
        before = self.some(3)
        count = self.random.randint(1, 3) if len(before) == 1 else 1
        whole = sum(self.masses[one] for one in before)
        if whole < count * 2:
            return
        event = self.id()
        after = [self.label(max(1, part), made_by=event) for part in share(whole, [1] * count)]
        lost = self.random.randint(0, self.masses[after[0]] - 1) if self.random.random() < 0.5 else 0
        after_rows = self.named(after)
        if lost:  # the label says what was weighed
            self.masses[after[0]] -= lost
            last = next(e for e in reversed(self.events) if after[0] in e.subjects)
            self.events.remove(last)
            self.all.remove(after[0])
            self.masses.pop(after[0])
            after[0] = self.label(share(whole, [1] * count)[0] - lost, made_by=event)
            after_rows = self.named(after)
        facts = {"from": self.named(before), "into": after_rows, "site": str(SITE)}
        self.tell("containers_repacked", [*before, *after, SITE], facts, event)
        for one in before:
            self.masses.pop(one)

    def transfer(self) -> None:
        load, manifest = self.some(4), self.id()
        named = {"manifest": str(manifest), "number": f"{manifest.int:014d}"}
        self.tell("manifest_picked_up", [manifest, *load], {**named, "vehicle": str(UUID(int=950))})
        for one in load:
            fate = self.random.random()
            declared = self.masses[one]
            if fate < 0.1:
                self.tell("containers_missing", [manifest, one], {**named, "containers": [str(one)]})
                self.masses.pop(one)
            elif fate < 0.25:
                self.tell("container_scanned", [manifest, one], {**named, "outcome": "rejected", "site": str(PLANT)})
                self.tell("manifest_sent_back", [self.id(), manifest, one], named)
            else:
                measured = max(1, declared + self.random.randint(-declared // 10, declared // 10))
                facts = {**named, "outcome": "accepted", "site": str(PLANT), "declared_g": declared}
                scan = self.tell(
                    "container_scanned", [manifest, one], facts | {"measured_g": measured, "tolerance_g": 500}
                )
                self.masses[one] = measured
                if self.random.random() < 0.4:
                    self.tell("containers_stored", [one, PLANT], {"site": str(PLANT)})
                if self.random.random() < 0.4:
                    self.correct(manifest, one, scan)

    def correct(self, manifest: UUID, container: UUID, wrong: UUID) -> None:
        right = max(1, self.masses[container] + self.random.randint(-50, 50))
        facts: dict[str, object] = {"manifest": str(manifest), "container": str(container), "correction": "1"}
        self.tell("entry_reversed", [manifest, container], {**facts, "reverses": str(wrong)})
        again = self.tell("correction_consented", [manifest, container], {**facts, "measured_g": right})
        self.masses[container] = right
        if self.random.random() < 0.3:
            self.correct(manifest, container, again)

    def treat(self) -> None:
        fed = self.some(5)
        whole = sum(self.masses[one] for one in fed)
        residue = self.random.choice([0, whole // 3, whole * 2])
        product = self.random.choice([0, whole // 4])
        rows = self.named(fed)
        for one in fed:
            self.masses.pop(one)
        codes = [f"{self._next + 2:037d}"] if residue else []
        facts: dict[str, object] = {
            "containers": rows,
            "residues": codes,
            "residue_g": residue,
            "method": "D10",
            "site": str(PLANT),
            "products": [{"name": "油", "mass_g": product, "destination": "厂"}] if product else [],
        }
        batch = self.tell("batch_treated", [*fed, PLANT], facts)
        if residue:
            made = self.label(residue, made_by=batch)
            assert codes == [f"{made.int:037d}"]

    def told(self, steps: int) -> "Story":
        for _ in range(3):
            self.label(self.random.randint(1, 10**7))
        acts = (self.repack, self.transfer, self.treat, lambda: self.label(self.random.randint(1, 10**7)))
        for _ in range(steps):
            if self.masses:
                self.random.choice(acts)()
        return self


stories = st.builds(lambda seed, steps: Story(seed).told(steps), st.integers(0, 2**32), st.integers(1, 25))


def everything(graph: Graph) -> tuple[int, int, int]:
    """Mass that came in, what edges differ by, what stands at the end."""
    live = [node for node in graph.nodes if not node.struck]
    begun = sum(node.mass_g for node in live if not graph.into.get(node.id))
    delta = sum(edge.delta_g for edge in graph.edges if not edge.struck)
    return begun, delta, sum(graph.standing_g(node) for node in live)


@settings(max_examples=150, deadline=None)
@given(stories, st.integers(0, 2**16))
def test_at_each_step_what_came_in_went_on_or_stands_and_differences_are_on_the_lines(story: Story, seed: int) -> None:
    for wanted in (story.all, Random(seed).sample(story.all, max(1, len(story.all) // 2))):  # noqa: S311
        graph = weave(story.events, wanted)
        assert graph.wrong() == []
        begun, delta, standing = everything(graph)
        assert begun + delta == standing


@settings(max_examples=80, deadline=None)
@given(stories)
def test_shares_sum_to_one_both_ways(story: Story) -> None:
    graph = weave(story.events, story.all, story.all[:1])
    parts = shares(graph)
    for node in graph.nodes:
        if node.struck:
            continue
        assert sum(origins(graph, node).values()) == 1
        assert sum(fates(graph, node).values()) == 1
        assert 0 <= parts[node.id] <= 1
        into, out = graph.into.get(node.id, []), graph.out.get(node.id, [])
        assert not into or sum(fraction_of(edge)[1] for edge in into) == 1
        assert sum(fraction_of(edge)[0] for edge in out) + Fraction(graph.standing_g(node), node.mass_g) == 1


@settings(max_examples=80, deadline=None)
@given(stories)
def test_forwards_of_backwards_holds_the_start_and_each_way_is_part_of_the_chain(story: Story) -> None:
    graph = weave(story.events, story.all, story.all[:1])
    starts = [node for node in start_nodes(graph) if not node.struck]
    assert set(starts) <= forwards(graph, backwards(graph, starts))
    assert set(starts) <= backwards(graph, forwards(graph, starts))
    whole = {node.id for node in followed(graph).nodes}
    for way in (ChainDirection.FORWARDS, ChainDirection.BACKWARDS):
        part = followed(graph, way)
        assert {node.id for node in part.nodes} <= whole
        assert all(part.standing_g(node) == graph.standing_g(node) for node in part.nodes if not node.struck)


@settings(max_examples=60, deadline=None)
@given(stories)
def test_columns_hold_every_step_once_and_mass_goes_to_the_right(story: Story) -> None:
    graph = weave(story.events, story.all)
    found = board(graph)
    assert sorted(node.id for card in found.cards for node in card.nodes) == sorted(node.id for node in graph.nodes)
    live = [flow for flow in found.flows if not flow.struck]
    assert all(flow.source.column < flow.target.column for flow in live)
    assert sum(grams for *_, grams in sankey_rows(found)) == sum(flow.arrived_g for flow in live)
    option = sankey_option(found, str)["series"][0]
    names = {node["name"] for node in option["data"]}
    assert {link[side] for link in option["links"] for side in ("source", "target")} <= names
    drawn = graph_option(found, str, str, lambda card: card.id)["series"][0]
    assert (len(drawn["data"]), len(drawn["links"])) == (len(found.cards), len(found.flows))


@settings(max_examples=60, deadline=None)
@given(stories, st.floats(0, 1))
def test_as_known_then_is_what_was_shown_then(story: Story, when: float) -> None:
    """Later events do not change what is woven of the earlier ones."""
    until = story.events[int(when * (len(story.events) - 1))]
    then = weave([event for event in story.events if event.log_index <= until.log_index], story.all)  # type: ignore[operator]
    later = weave(known_on(story.events, until.recorded_at), story.all)
    assert [(node.id, node.mass_g, node.struck) for node in later.nodes] == [
        (node.id, node.mass_g, node.struck) for node in then.nodes
    ]


def test_what_is_corrected_stays_struck_and_what_follows_goes_on_from_the_right_figure() -> None:
    story = Story(1)
    drum = story.label(1_000)
    manifest = UUID(int=800)
    story.tell("manifest_picked_up", [manifest, drum], {"manifest": str(manifest)})
    facts = {"outcome": "accepted", "measured_g": 990, "tolerance_g": 5, "site": str(PLANT)}
    scan = story.tell("container_scanned", [manifest, drum], facts)
    story.tell("containers_stored", [drum, PLANT], {"site": str(PLANT)})
    named = {"container": str(drum), "correction": "1", "manifest": str(manifest)}
    story.tell("entry_reversed", [manifest, drum], {**named, "reverses": str(scan)})
    story.tell("correction_consented", [manifest, drum], {**named, "measured_g": 999})
    graph = weave(story.events, [drum])
    [struck] = [node for node in graph.nodes if node.struck]
    assert (struck.stage, struck.mass_g) == (CustodyStage.WEIGHED_IN, 990)
    assert [note.event.kind for note in struck.notes] == ["entry_reversed"]
    right = next(node for node in graph.nodes if node.stage is CustodyStage.WEIGHED_IN and not node.struck)
    kept = next(node for node in graph.nodes if node.stage is CustodyStage.KEPT)
    assert (right.mass_g, kept.mass_g, graph.standing_g(kept)) == (999, 999, 999)
    assert [edge.delta_g for edge in graph.into[right.id]] == [-1]
    [wrong_edge] = [edge for edge in graph.edges if edge.target is struck]
    assert wrong_edge.struck
    assert wrong_edge.within is False
    assert graph.wrong() == []


def test_what_is_not_in_sight_is_told_by_number_and_mass_alone() -> None:
    story = Story(2)
    own, seen, hidden = story.label(100), story.label(200), story.label(700)
    rows = story.named([own, seen, hidden])
    story.tell(
        "batch_treated",
        [own, seen, hidden, PLANT],
        {"containers": rows, "residues": [f"{77:037d}"], "residue_g": 50, "method": "D10", "site": str(PLANT)},
    )
    graph = weave(story.events, [own], [own], sighted=[seen])
    others = {
        node.beyond: node for node in graph.nodes if node.kind is StepKind.OTHERS and node.stage is CustodyStage.KEPT
    }
    assert {beyond: (node.count, node.mass_g) for beyond, node in others.items()} == {False: (1, 200), True: (1, 700)}
    assert all(node.digital_code == "" and node.container_id is None for node in others.values())
    [residue] = [node for node in graph.nodes if node.stage is CustodyStage.RESULT]
    assert (residue.beyond, residue.mass_g) == (True, 50)
    batch = next(node for node in graph.nodes if node.kind is StepKind.BATCH)
    assert shares(graph)[batch.id] == Fraction(1, 10)
    assert graph.wrong() == []


@pytest.mark.parametrize(
    ("delta", "tolerance", "within"), [(0, None, True), (5, 5, True), (-6, 5, False), (1, None, None)]
)
def test_a_difference_has_its_verdict(delta: int, tolerance: int | None, within: object) -> None:
    story = Story(3)
    drum = story.label(1_000)
    manifest = UUID(int=800)
    story.tell("manifest_picked_up", [manifest, drum], {})
    facts: dict[str, object] = {"outcome": "accepted", "measured_g": 1_000 + delta, "site": str(PLANT)}
    story.tell("container_scanned", [manifest, drum], facts | ({} if tolerance is None else {"tolerance_g": tolerance}))
    graph = weave(story.events, [drum])
    assert graph.edges[-1].within is within
