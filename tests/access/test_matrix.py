"""Every address × every role × own, foreign and absent thing, compared with the reviewed table."""

import time

import pytest

from tests.access import table
from tests.access.calling import (
    ABSENT,
    FOREIGN,
    ROLES,
    Answer,
    Caller,
    cases_of,
    may_know,
    roles_at,
    routes_of,
    undone_and_counted,
)

ELSEWHERE = {
    # A ceremony is answered once, by an authenticator: tests/web/test_factor_pages.py, tests/api/test_account.py.
    *("POST /account/passkeys", "POST /api/v1/account/passkeys"),
    *("POST /sign-in/passkey", "POST /api/v1/sign-in/passkey"),
    # Only whoever has just given a password is waited for.
    *("GET /sign-in/factor", "POST /sign-in/factor", "POST /sign-in/factor/options"),
    # Here are no providers of identities; tests/belonging/test_federating.py has one.
    *("GET /sign-in/with/{slug}", "GET /sign-in/with/{slug}/back"),
    # A gate's device has a token of its own kind: tests/gates/test_replaying.py.
    *(
        "GET /api/v1/gate/pack",
        "GET /api/v1/gate/scales",
        "POST /api/v1/gate/scans",
        "POST /api/v1/gate/scans/{scan_id}/photo",
    ),
    "GET /design",  # there in development alone: tests/web/test_design_page.py
    "POST /gate/queue-file",  # a file of scans that a device has signed: the same test
}
"""Where nobody of the matrix gets through; what a right caller gets is shown elsewhere."""

Answers = dict[tuple[str, str, str], Answer]


@pytest.fixture(scope="session")
async def answers(caller: Caller) -> Answers:
    """All of them, by address, case and role."""
    found: Answers = {}
    began = time.monotonic()
    engine = caller.served.app.state.engine
    with undone_and_counted(engine, caller.statements):
        for route in routes_of(caller.served.app):
            await caller.call("owner", route, cases_of(route)[0])  # fills what a process keeps in memory
            for case in cases_of(route):
                for role in roles_at(route):
                    found[route, case, role] = await caller.call(role, route, case)
    seconds = time.monotonic() - began
    routes = len({route for route, _, _ in found})
    print(f"\n{routes} routes × {len(ROLES)} roles × their cases: {len(found)} calls in {seconds:.0f} s")  # noqa: T201
    return found


async def test_every_answer_is_the_reviewed_one(answers: Answers) -> None:
    found: table.Table = {}
    for (route, case, role), answer in answers.items():
        found.setdefault((route, case), dict.fromkeys(ROLES, ""))[role] = answer.told
    if table.is_to_be_written():
        table.write(found)
    expected = table.read()
    assert sorted(expected.keys() - found.keys()) == [], "lines of addresses that are gone"
    assert sorted(found.keys() - expected.keys()) == [], "addresses without a reviewed line"
    surprises = [
        f"{route} [{case}] as {role}: {told}, expected {expected[route, case][role]}"
        for (route, case), cells in found.items()
        for role, told in cells.items()
        if told != expected[route, case][role]
    ]
    assert surprises == []
    routes = {route for route, _ in found}
    cells = len(answers)
    print(f"\nmatrix: {len(routes)} routes × {len(ROLES)} roles, {cells} cells, {len(surprises)} surprises")  # noqa: T201


async def test_foreign_and_absent_cannot_be_told_apart(answers: Answers) -> None:
    told_apart = []
    compared = 0
    for (route, case, role), foreign in answers.items():
        if case != FOREIGN or may_know(role, route):
            continue
        absent = answers[route, ABSENT, role]
        compared += 1
        if foreign != absent:
            told_apart.append((route, role, *_difference(foreign, absent)))
    assert told_apart == []
    assert compared > 500


def _difference(foreign: Answer, absent: Answer) -> tuple[object, ...]:
    if foreign.told != absent.told:
        return "status", foreign.told, absent.told
    if foreign.statements != absent.statements:
        return "statements", foreign.statements, absent.statements
    lines = zip(foreign.shape.splitlines(), absent.shape.splitlines(), strict=False)
    return "body", next(((one, other) for one, other in lines if one != other), ())


async def test_nothing_breaks(answers: Answers) -> None:
    assert [key for key, answer in answers.items() if answer.told.startswith("5")] == []


async def test_what_needs_a_body_was_given_a_valid_one(answers: Answers) -> None:
    """A refusal of the body would hide who may call: some role has to get through each address that has a thing."""
    done = {route for (route, _, _), answer in answers.items() if answer.told in {"200", "201", "202", "204", "303"}}
    assert {route for route, _, _ in answers} - done == ELSEWHERE
