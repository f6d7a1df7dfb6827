"""What somebody owes today, as one list: the steps of manifests, answers, and what the law's clocks ask, by urgency.

Each line says what, whose, until when, and leads to the page on which it is done.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from wastetrack.auth.policy import Verb, may
from wastetrack.catalogues.jurisdiction import legal_day
from wastetrack.i18n import message
from wastetrack.manifests import queries as manifests
from wastetrack.manifests.model import ManifestKind, ManifestState
from wastetrack.manifests.policy import Step
from wastetrack.reports.discrepancies import Discrepancy, discrepancies
from wastetrack.reports.duties import Duty, duties_of
from wastetrack.reports.tasks import OpenManifest, open_manifests
from wastetrack.serving.deps import ReadWork
from wastetrack.web.in_words import mass_in_words

TOLD_ONE_BY_ONE = 5
"""Lines of one sort; what is more stands behind one line with their number."""


class Sort(StrEnum):
    """What sort of thing a line is; the order is that of lines without a term."""

    GATE = "gate"
    SIGN = "sign"
    LOAD = "load"
    ANSWER = "answer"
    RETURN = "return"
    DUTY = "duty"
    DIFFERENCE = "difference"


_RANK = {sort: place for place, sort in enumerate(Sort)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """One line. `title` and `action` are message ids; `what` names the thing, `whose` the other firm or the place."""

    title: str
    address: str
    sort: Sort
    action: str
    facts: dict[str, object] = field(default_factory=dict)
    what: str = ""
    whose: str = ""
    containers: int = 0
    grams: int = 0
    plates: tuple[str, ...] = ()
    due: date | datetime | None = None
    article: str = ""

    def last_day(self) -> date:
        """For sorting; what has no term comes after what has."""
        if self.due is None:
            return date.max
        return legal_day(self.due) if isinstance(self.due, datetime) else self.due

    def overdue(self, at: datetime) -> bool:
        """Whether its term is over."""
        if self.due is None:
            return False
        return self.due < at if isinstance(self.due, datetime) else self.due < legal_day(at)


@dataclass(frozen=True, slots=True)
class Today:
    """The whole of it."""

    lines: tuple[Todo, ...]
    rest: tuple[Todo, ...]
    """Further lines of sorts of which there are many."""
    under_way: tuple[OpenManifest, ...]
    """Filed or on the road, with others to act."""
    overdue: int

    @property
    def total(self) -> int:
        """How much there is to do."""
        return len(self.lines) + len(self.rest)


@dataclass(frozen=True, slots=True)
class _Kind:
    """Manifests on which some step is next."""

    title: str
    sort: Sort
    action: str
    steps: frozenset[Step]
    address: str = "/manifests/{id}"
    planned: bool = False
    """Whether the planned day is its term."""


_SIGNED = frozenset({Step.FILE, Step.OPEN, Step.BACK_ENTER, Step.AMEND})
_KINDS = (
    _Kind(
        message("Scan and receive at the gate"),
        Sort.GATE,
        message("To the gate"),
        frozenset({Step.SCAN}),
        "/gate/{id}",
    ),
    _Kind(
        message("Sign the receipt of the load"),
        Sort.SIGN,
        message("Check and sign"),
        frozenset({Step.RECEIVE}),
        "/gate/{id}/receipt",
    ),
    _Kind(
        message("Check and sign the draft"),
        Sort.SIGN,
        message("Check and sign"),
        _SIGNED,
        planned=True,
    ),
    _Kind(
        message("Pick up the load"),
        Sort.LOAD,
        message("Pick up"),
        frozenset({Step.PICK_UP}),
        planned=True,
    ),
    _Kind(
        message("Take over the load"),
        Sort.LOAD,
        message("Take over"),
        frozenset({Step.HAND_OVER}),
    ),
    _Kind(
        message("Report the arrival"),
        Sort.LOAD,
        message("Report"),
        frozenset({Step.ARRIVE}),
    ),
)


async def today(work: ReadWork) -> Today:
    """Everything that the actor owes, the most urgent first; a fixed number of statements."""
    found = await open_manifests(work.session, work.actor)
    lines = [*_steps(work, found), *_returns(found)]
    lines += [of_duty(one) for one in await duties_of(work.session, work.actor, at=work.at)]
    lines += await _corrections(work)
    if may(work.actor, Verb.CORRECT):
        lines += [
            _difference(one)
            for one in await discrepancies(work.session, work.actor, at=work.at)
            if one.is_open and (one.missing or one.differing)
        ]
    ordered = sorted(lines, key=lambda one: (one.last_day(), _RANK[one.sort], one.title, one.what))
    shown, rest = _cut(ordered)
    under_way = tuple(one for one in found if one.state in _ON_ITS_WAY and not _mine(one))
    return Today(shown, rest, under_way, sum(one.overdue(work.at) for one in ordered))


_ON_ITS_WAY = frozenset({ManifestState.FILED, ManifestState.PICKED_UP, ManifestState.IN_TRANSIT, ManifestState.ARRIVED})


def _mine(one: OpenManifest) -> bool:
    """Whether some step of it stands in the list."""
    return any(kind.steps & set(one.steps) for kind in _KINDS)


def _steps(work: ReadWork, found: Iterable[OpenManifest]) -> list[Todo]:
    lines: list[Todo] = []
    today_is = legal_day(work.at)
    for one in found:
        if one.kind is ManifestKind.RETURN:
            continue
        # The first of the table: a truck at the gate is received before anything else is asked of it.
        kind = next((kind for kind in _KINDS if kind.steps & set(one.steps)), None)
        if kind is None or not _is_next(kind, one):
            continue
        lines.append(
            Todo(
                title=kind.title,
                address=kind.address.format(id=one.id),
                sort=kind.sort,
                action=kind.action,
                what=one.number or "",
                whose=one.shipper if one.is_receiver else one.receiver,
                containers=one.containers,
                grams=one.declared_g,
                plates=one.plates,
                due=_term(kind, one, today_is),
            )
        )
    return lines


def _is_next(kind: _Kind, one: OpenManifest) -> bool:
    """A running month may be opened no more; a receipt is signed when the gate has looked at everything."""
    if kind.steps is _SIGNED:
        return one.state is ManifestState.DRAFT
    return kind.steps != {Step.RECEIVE} or one.undecided == 0


def _term(kind: _Kind, one: OpenManifest, today_is: date) -> date | None:
    """A truck that stands at the gate waits for today."""
    if one.arrived_at is not None:
        return today_is
    return one.planned_on if kind.planned else None


def _returns(found: Iterable[OpenManifest]) -> list[Todo]:
    """What comes back, and what the receiver did not take, as far as it is not over."""
    lines = [
        Todo(
            title=message("A rejected load comes back"),
            address=f"/manifests/{one.id}",
            sort=Sort.RETURN,
            action=message("Look"),
            what=one.number or "",
            whose=one.shipper if one.is_receiver else one.receiver,
            containers=one.containers,
            grams=one.declared_g,
            plates=one.plates,
        )
        for one in found
        if one.kind is ManifestKind.RETURN and one.state is ManifestState.RETURNING
    ]
    lines += [
        Todo(
            title=message("The receiver has rejected the load")
            if one.state is ManifestState.REJECTED
            else message("The receiver has rejected part of the load"),
            address=f"/manifests/{one.id}",
            sort=Sort.RETURN,
            action=message("Look"),
            what=one.number or "",
            whose=one.receiver,
            containers=one.containers,
            grams=one.declared_g,
        )
        for one in found
        if one.state in {ManifestState.REJECTED, ManifestState.PARTLY_RECEIVED} and not one.is_receiver and one.steps
    ]
    return lines


def of_duty(duty: Duty) -> Todo:
    """A clock of the law as a line."""
    return Todo(
        title=duty.title,
        facts=duty.facts,
        address=duty.address,
        sort=Sort.DUTY,
        action=message("Do it"),
        whose=duty.what,
        due=duty.due_at or duty.due_on,
        article=duty.article,
    )


async def _corrections(work: ReadWork) -> list[Todo]:
    if not any(may(work.actor, verb) for verb in (Verb.CORRECT, Verb.RECEIVE, Verb.CARRY)):
        return []
    return [
        Todo(
            title=message("Answer the correction that was asked for"),
            address=f"/manifests/{of.id}#corrections",
            sort=Sort.ANSWER,
            action=message("Answer"),
            what=of.number or "",
            whose=f"{_said(one.old_measured_g, one.old_text)} → {_said(one.measured_g, one.new_text)} · {one.reason}",
            due=one.answer_due_at,
        )
        for one, of in await manifests.corrections_open_for(work.session, work.actor)
        if one.answerer_id == work.actor.organisation_id
    ]


def _said(grams: int | None, text: str) -> str:
    return text or "—" if grams is None else mass_in_words(grams)


def _difference(one: Discrepancy) -> Todo:
    return Todo(
        title=message("The gate found something else than was declared"),
        address="/discrepancies",
        sort=Sort.DIFFERENCE,
        action=message("Look"),
        what=one.number or "",
        whose=one.other,
        containers=one.missing + one.rejected + one.differing,
    )


def _cut(ordered: list[Todo]) -> tuple[tuple[Todo, ...], tuple[Todo, ...]]:
    """At most so many lines of one title, and the rest."""
    seen: dict[str, int] = defaultdict(int)
    shown: list[Todo] = []
    rest: list[Todo] = []
    for one in ordered:
        seen[one.title] += 1
        (shown if seen[one.title] <= TOLD_ONE_BY_ONE else rest).append(one)
    return tuple(shown), tuple(rest)
