"""A sign-in that waits for its second factor: it becomes one session, in time, and never two."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.support.factors import AT, LASTS, PARTY, PASSWORD, Member, member
from wastetrack.auth import signing_in
from wastetrack.auth.factors import FactorKind, GivenFactor
from wastetrack.auth.opening import Browser, SignedIn
from wastetrack.auth.signing_in import Arrival, FactorNeeded, SignIn
from wastetrack.errors import Unauthenticated

ARRIVAL = Arrival(browser=Browser("test"), lasts=LASTS)


async def pending_of(somebody: Member) -> str:
    """The password was right."""
    command = SignIn(login=somebody.login, password=PASSWORD, address="192.0.2.1")
    with pytest.raises(FactorNeeded) as needed:
        await signing_in.sign_in(somebody.engine, command, lasts=LASTS, at=AT)
    assert needed.value.code == "second_factor_needed"
    return needed.value.pending


async def test_two_factors_given_at_once_open_one_session(fresh_engine: AsyncEngine) -> None:
    somebody = await member(fresh_engine)
    app = await somebody.with_totp()
    codes = await somebody.with_recovery_codes()
    pending = await pending_of(somebody)
    given = [GivenFactor(FactorKind.TOTP, code=app.at(AT))]
    given += [GivenFactor(FactorKind.RECOVERY_CODE, code=code) for code in codes[:3]]
    tried = await asyncio.gather(
        *(signing_in.finish_sign_in(fresh_engine, pending, one, ARRIVAL, relying_party=PARTY, at=AT) for one in given),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in tried) == ["SignedIn", *["Unauthenticated"] * 3]


@pytest.mark.parametrize(("late", "opens"), [(timedelta(minutes=10, seconds=-1), True), (timedelta(minutes=10), False)])
async def test_it_waits_for_ten_minutes(fresh_engine: AsyncEngine, late: timedelta, *, opens: bool) -> None:
    somebody = await member(fresh_engine)
    app = await somebody.with_totp()
    pending, at = await pending_of(somebody), AT + late
    given = GivenFactor(FactorKind.TOTP, code=app.at(at))
    finishing = signing_in.finish_sign_in(fresh_engine, pending, given, ARRIVAL, relying_party=PARTY, at=at)
    if opens:
        assert isinstance(await finishing, SignedIn)
        return
    with pytest.raises(Unauthenticated) as refused:
        await finishing
    assert refused.value.code == "sign_in_over"
