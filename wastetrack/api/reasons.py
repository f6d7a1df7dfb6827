"""The reason for looking, as a parameter; serving/looking.py reads and records it."""

from typing import Annotated

from fastapi import Query

from wastetrack.looks.model import Why
from wastetrack.looks.policy import LONGEST_WORDS


async def reason_for_looking(
    why: Annotated[
        Why | None, Query(description="Why an authority looks; asked once for each sign-in and manifest")
    ] = None,
    words: Annotated[str, Query(max_length=LONGEST_WORDS, description="What for, where why is other")] = "",
) -> None:
    """Describe and check the two parameters."""
