"""Which first page somebody sees: the one that fits, that of his role, the usual one; and the blocks beside it."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from tests.support import parties as made
from wastetrack.auth.model import Role, viewer_of_organisation
from wastetrack.ids import new_id
from wastetrack.serving.deps import ReadWork
from wastetrack.web import homes
from wastetrack.web.homes import Block, blocks_for, home_for, home_of
from wastetrack.web.rendering import Page


@dataclass
class Looking:
    """A visitor's work, as far as it matters here."""

    actor: Any


def visitor(role: Role) -> ReadWork:
    firm = new_id()
    return cast("ReadWork", Looking(made.actor(role, viewer_of_organisation(firm), firm)))


async def usual(_page: Page, _work: ReadWork) -> Any:  # noqa: ANN401
    """What everybody sees."""


async def of_viewers(_page: Page, _work: ReadWork) -> Any:  # noqa: ANN401
    """What a role sees."""


async def of_some(_page: Page, _work: ReadWork) -> Any:  # noqa: ANN401
    """What those see of whom more is true."""


async def is_viewer_or_signer(work: ReadWork) -> bool:
    return work.actor.role in {Role.VIEWER, Role.SIGNER}


async def test_what_fits_is_asked_before_the_role_and_the_rest_sees_the_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "HOMES", {})
    monkeypatch.setattr(homes, "FITTING", [])
    home_of(Role.VIEWER)(of_viewers)
    assert await home_for(visitor(Role.VIEWER), usual) is of_viewers
    assert await home_for(visitor(Role.SIGNER), usual) is usual
    homes.FITTING.append((is_viewer_or_signer, of_some))
    assert await home_for(visitor(Role.VIEWER), usual) is of_some
    assert await home_for(visitor(Role.SIGNER), usual) is of_some
    assert await home_for(visitor(Role.FILER), usual) is usual
    with pytest.raises(ValueError, match="has a first page already"):
        home_of(Role.VIEWER)(usual)


async def test_a_block_that_does_not_concern_the_visitor_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    async def gather(_page: Page, work: ReadWork) -> dict[str, Any] | None:
        return {"trucks": 2} if work.actor.role is Role.SIGNER else None

    monkeypatch.setattr(homes, "BLOCKS", [Block("somewhere.html", gather)])
    page = cast("Page", None)
    assert await blocks_for(page, visitor(Role.SIGNER)) == [("somewhere.html", {"trucks": 2})]
    assert await blocks_for(page, visitor(Role.FILER)) == []
