"""All stories, in the order in which they are begun."""

from collections.abc import Callable, Coroutine
from typing import Any

from wastetrack.cli.demonstration.stories import (
    across,
    booking_ahead,
    directed_use,
    fly_ash,
    held_ready,
    hospital,
    milk_run,
    on_paper,
    other_grounds,
    papers_owed,
    pipeline,
    storerooms,
    treatment,
    under_way,
    village,
)
from wastetrack.cli.demonstration.stories.telling import Teller

STORIES: tuple[Callable[[Teller], Coroutine[Any, Any, None]], ...] = (
    across.stream,
    across.waiting_for_the_applicant,
    across.waiting_for_acceptance,
    across.waiting_for_the_neighbour,
    across.waiting_for_the_decision,
    directed_use.point_to_point,
    directed_use.group_internal,
    hospital.wards,
    village.collection_point,
    pipeline.pipe,
    fly_ash.first_burner,
    fly_ash.second_burner,
    milk_run.milk_run,
    under_way.agreed_handover,
    under_way.breakdown,
    under_way.leak,
    under_way.another_receiver,
    under_way.mismatch,
    on_paper.outage,
    other_grounds.general_waste,
    other_grounds.exempt_use,
    storerooms.new_store,
    treatment.batches,
    treatment.own_treatment,
    papers_owed.contract_in_the_making,
    papers_owed.reports,
    booking_ahead.terms,
    booking_ahead.used,
    booking_ahead.lapsed,
    booking_ahead.held,
    booking_ahead.with_exempt_user,
    held_ready.facilities,
    held_ready.reserve,
)


async def begin_all(teller: Teller) -> None:
    """Let every story begin to wait for its first moment."""
    for story in STORIES:
        await teller.year.clock.begin(story(teller))
