"""Answers a question with the solver: the instance changed by its scenario, matched, looked over, taken apart plant by
plant, and told. Pure, and as slow as its question is large."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np

from wastetrack.capacity import scenarios
from wastetrack.capacity.assembling import assemble
from wastetrack.capacity.facts import Facts
from wastetrack.capacity.model import Instance, Matching
from wastetrack.capacity.planned import ProjectFacts
from wastetrack.capacity.ranking import n_minus_one
from wastetrack.capacity.requantifying import PermitLine, with_quantity
from wastetrack.capacity.result import Question, Result, ScenarioKind
from wastetrack.capacity.solving import solve
from wastetrack.capacity.telling import result_of
from wastetrack.capacity.telling_plants import Removal
from wastetrack.capacity.verifying import verify

Progress = Callable[[float], None]
"""Told which share of all is done, 0 to 1; may raise to stop."""
SOLVE_SECONDS: Final = 300.0
REMOVE_SECONDS: Final = 300.0
_SOLVED: Final = 0.5
"""Which share of the work is done when the matching stands."""


class Inconsistent(Exception):  # noqa: N818  it is no domain error: the program is wrong
    """The matching breaks its own instance; it is not told to anybody."""


def answer(
    facts: Facts,
    question: Question,
    *,
    made_at: datetime,
    progress: Progress,
    projects: tuple[ProjectFacts, ...] = (),
) -> Result:
    """The result of a question. Raises Inconsistent where the matching cannot be right."""
    begun = time.monotonic()
    if question.scenario is ScenarioKind.OTHER_QUANTITY and question.quantity_g is not None:
        line = PermitLine(question.item, question.item_methods)
        facts = with_quantity(facts, UUID(question.plants[0]), line, question.quantity_g)
    assembled = assemble(
        facts,
        title=question.title,
        ground=question.ground,
        sharing=question.scenario is ScenarioKind.SHARING,
        free_elsewhere=question.free_elsewhere,
        reach_km=question.reach_km,
        projects=projects,
    )
    instance = changed(assembled.instance, question)
    matching = solve(instance, time_limit=SOLVE_SECONDS, progress=lambda _what, share: progress(share * _SOLVED))
    wrong = verify(matching)
    if wrong:
        raise Inconsistent("; ".join(wrong[:5]))
    progress(_SOLVED)
    removals = _removals(instance, matching, progress) if matching.proven else None
    return result_of(
        question,
        replace(assembled, instance=instance),
        matching,
        removals=removals,
        names=facts.names,
        made_at=made_at,
        seconds=time.monotonic() - begun,
    )


def _removals(instance: Instance, matching: Matching, progress: Progress) -> Sequence[Removal] | None:
    """What is worse without each plant that treats something, matched anew; None where the time does not suffice."""
    treats = np.unique(instance.lines.plant[matching.treated.line]).tolist()
    found = n_minus_one(
        instance,
        matching,
        plants=treats,
        time_limit=REMOVE_SECONDS,
        progress=lambda _what, share: progress(_SOLVED + (1 - _SOLVED) * share),
    )
    if len(found) < len(treats):
        return None
    return [(one.plant, one.unmatched_g, one.border_tkm, one.cost) for one in found]


def changed(instance: Instance, question: Question) -> Instance:
    """The instance as the scenario has it. Planned projects, shared plants and another quantity of a permit item stand
    in it already."""
    places = {name: number for number, name in enumerate(instance.plants.ids)}
    plants = [places[name] for name in question.plants if name in places]
    match question.scenario:
        case ScenarioKind.OUTAGE:
            for plant in plants:
                instance = scenarios.outage(instance, plant, range(question.from_period, len(instance.periods)))
        case ScenarioKind.RETIREMENT:
            for plant in plants:
                instance = scenarios.retirement(instance, plant, question.from_period)
        case ScenarioKind.MORE_SUPPLY:
            factors = np.full(len(instance.periods), question.factor)
            instance = scenarios.surge(instance, factors, medical_only=False)
        case ScenarioKind.AS_IT_IS | ScenarioKind.NEW_PLANT | ScenarioKind.SHARING | ScenarioKind.OTHER_QUANTITY:
            pass
    return instance
