"""Who sees what: the one scoping function."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlmodel import col

from wastetrack.auth import sight
from wastetrack.auth.model import Actor, Role
from wastetrack.auth.tables import Person
from wastetrack.clock import now
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id

KIND = "thing"


def eyes(viewer: str) -> Actor:
    return Actor(new_id(), "张伟", new_id(), new_id(), Role.VIEWER, viewer)


async def seen_by(session: WriteSession, viewer: str, kind: str = KIND) -> set[str]:
    # Any table with an id will do: what is visible is decided by the id alone.
    statement = sa.select(col(Person.name)).where(sight.visible(eyes(viewer), kind, col(Person.id)))
    return set((await session.execute(statement)).scalars())


async def thing(session: WriteSession, name: str) -> Person:
    row = Person(id=new_id(), login=f"{name}-{new_id()}", name=name, password_hash=name, locale="zh", created_at=now())
    session.add(row)
    await session.flush()
    return row


async def test_a_thing_is_seen_by_those_it_was_shown_to_and_nobody_else(session: WriteSession) -> None:
    firm, other = sight.viewer_of_organisation(new_id()), sight.viewer_of_organisation(new_id())
    first, second = await thing(session, "first"), await thing(session, "second")
    await sight.show(session, KIND, first.id, [firm, *sight.viewers_of_region("370602")])
    await sight.show(session, KIND, second.id, [other])
    assert await seen_by(session, firm) == {"first"}
    assert await seen_by(session, "r:3706") == {"first"}
    assert await seen_by(session, "r:3707") == set()
    assert await seen_by(session, other) == {"second"}
    assert await seen_by(session, sight.PLATFORM_VIEWER) == set()


async def test_sight_of_one_kind_is_not_sight_of_another(session: WriteSession) -> None:
    firm = sight.viewer_of_organisation(new_id())
    row = await thing(session, "container")
    await sight.show(session, "container", row.id, [firm])
    assert await seen_by(session, firm, "container") == {"container"}
    assert await seen_by(session, firm, "manifest") == set()


async def test_showing_twice_is_showing_once(session: WriteSession) -> None:
    firm = sight.viewer_of_organisation(new_id())
    row = await thing(session, "again")
    for _ in range(2):
        await sight.show_many(session, KIND, [row.id, row.id], [firm, "r:37", firm])
    assert await sight.viewers_of(session, KIND, row.id) == (firm, "r:37")
    await sight.show_many(session, KIND, [], [firm])
    await sight.show(session, KIND, row.id, [])


async def test_the_question_is_one_look_into_the_index(session: WriteSession) -> None:
    statement = sa.select(col(Person.id)).where(sight.visible(eyes("r:37"), KIND, col(Person.id)))
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types
    asked = statement.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    plan = await session.execute(sa.text(f"explain {asked}"))
    assert "pk_sightings" in "\n".join(row[0] for row in plan)
