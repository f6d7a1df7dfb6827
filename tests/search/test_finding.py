"""What is found by words, and by whom."""

import pytest
from sqlalchemy import text

from tests.support import parties as made
from tests.support.world import AT, World, a_drum, filed
from wastetrack.auth.model import Actor
from wastetrack.auth.sight import look_as
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.parties.registering import register_organisation
from wastetrack.reports.searching import search
from wastetrack.search import queries
from wastetrack.search.model import FoundKind, Match, long_enough, words_of


async def titles(session: WriteSession, actor: Actor, words: str, kind: FoundKind) -> list[str]:
    """What an actor finds of one kind."""
    await look_as(session, actor)
    found = await search(session, actor, words, kind=kind, at=AT)
    return [hit.title for group in found.groups for hit in group.hits]


def wide(text: str) -> str:
    """In full width, as a Chinese keyboard may type it."""
    return "".join(chr(ord(mark) + 0xFEE0) if mark.isascii() and mark != " " else mark for mark in text)


async def test_firms_are_found_by_name_initials_code_and_address(town_session: WriteSession, world: World) -> None:
    command = made.firm_command(name="烟台云杉溪表面处理（试验）有限公司")
    firm = await register_organisation(town_session, made.platform_operator(), command, at=AT)
    kind, eyes = FoundKind.ORGANISATION, world.generator.owner
    for words in ("云杉溪", "云杉 有限", "ytysx", "YTYSX", "处理（试验）", "处理(试验)", firm.credit_code[:12].lower()):
        assert firm.name in await titles(town_session, eyes, words, kind), words
    assert firm.name in await titles(town_session, eyes, wide(firm.credit_code), kind)
    assert firm.name not in await titles(town_session, eyes, "云杉 医院", kind)
    await town_session.execute(text("update organisations set name = '新名字有限公司' where id = :id"), {"id": firm.id})
    assert "新名字有限公司" in await titles(town_session, eyes, "新名字", kind)
    assert await titles(town_session, eyes, "云杉溪", kind) == []


async def test_manifests_are_found_by_number_and_plate_by_those_who_see_them(
    town_session: WriteSession, world: World
) -> None:
    drum = await a_drum(town_session, world)
    manifest_id = await filed(town_session, world, [drum])
    number = await town_session.scalar(text("select number from manifests where id = :id"), {"id": manifest_id})
    for eyes in (world.generator.owner, world.carrier.owner, world.receiver.owner, world.inspector):
        for words in (number, number[4:], number[-4:], wide(number), world.plate, wide(world.plate), world.plate[1:]):
            assert number in await titles(town_session, eyes, words, FoundKind.MANIFEST), (eyes.role, words)
    for eyes in (world.stranger.owner, made.approver("3201"), made.platform_operator()):
        assert await titles(town_session, eyes, number, FoundKind.MANIFEST) == []
        assert await titles(town_session, eyes, world.plate, FoundKind.MANIFEST) == []
        assert await titles(town_session, eyes, world.plate, FoundKind.VEHICLE) == []
    assert world.plate in await titles(town_session, world.carrier.owner, world.plate, FoundKind.VEHICLE)


async def test_containers_are_found_by_code_and_by_their_label(town_session: WriteSession, world: World) -> None:
    drum = await a_drum(town_session, world)
    code = drum.digital_code
    label = f"http://localhost:8000/91/{code}/92/ABCDEFGH"
    for words in (code, code[-14:], wide(code), label):
        assert code in await titles(town_session, world.generator.owner, words, FoundKind.CONTAINER), words
        assert await titles(town_session, world.stranger.owner, words, FoundKind.CONTAINER) == [], words


async def test_permits_wastes_and_regions_are_found(town_session: WriteSession, world: World) -> None:
    number = await town_session.scalar(text("select number from permits where id = :id"), {"id": world.permit_id})
    eyes = world.generator.owner
    assert number in await titles(town_session, eyes, number, FoundKind.PERMIT)
    assert "900-249-08" in await titles(town_session, eyes, "900 249 08".replace(" ", "-"), FoundKind.WASTE)
    assert "芝罘区" in await titles(town_session, eyes, "芝罘", FoundKind.REGION)
    assert "芝罘区" in await titles(town_session, eyes, "370602", FoundKind.REGION)


async def test_colleagues_are_found_by_those_who_manage_people(town_session: WriteSession, world: World) -> None:
    assert "driver者" in await titles(town_session, world.carrier.owner, "driver", FoundKind.PERSON)
    assert await titles(town_session, world.generator.owner, "driver", FoundKind.PERSON) == []
    (driver,) = [actor for role, actor in world.carrier.people.items() if role.value == "driver"]
    assert await titles(town_session, driver, "driver", FoundKind.PERSON) == []


async def test_counts_tell_more_than_are_shown(town_session: WriteSession, world: World) -> None:
    for _ in range(8):
        await a_drum(town_session, world)
    await look_as(town_session, world.generator.owner)
    found = await search(town_session, world.generator.owner, world.generator.credit_code, at=AT)
    (group,) = [group for group in found.groups if group.kind is FoundKind.CONTAINER]
    assert (group.total, len(group.hits), group.more) == (8, 6, 2)


@pytest.mark.parametrize("words", ["", "鲁", "F1", "（）", "%_'", "a b c"])
async def test_too_little_is_said_to_be_too_little(town_session: WriteSession, world: World, words: str) -> None:
    await look_as(town_session, world.generator.owner)
    assert (await search(town_session, world.generator.owner, words, at=AT)).too_short


async def test_signs_of_a_pattern_mean_nothing(town_session: WriteSession, world: World) -> None:
    await a_drum(town_session, world)
    assert await titles(town_session, world.generator.owner, "%%%%", FoundKind.CONTAINER) == []
    assert await titles(town_session, world.generator.owner, "9___9", FoundKind.CONTAINER) == []


def test_words_are_parted_by_any_blank() -> None:
    assert words_of("云杉　有限 公司") == ("云杉", "有限", "公司")
    assert long_enough("鲁F")
    assert not long_enough("F1")


async def test_among_thousands_eyes_count_and_see_what_is_shown_to_them_alone(
    town_session: WriteSession, world: World
) -> None:
    ids = [new_id() for _ in range(2_500)]
    await town_session.execute(
        text(
            "insert into search_entries select 'container', id, word, search_pieces(word)"
            " from unnest(cast(:ids as uuid[])) id, (select 'QXZ7QXZ7' as word) named"
        ),
        {"ids": ids},
    )
    seen = {world.generator.owner: ids[::50], world.stranger.owner: ids[7:10]}
    for eyes, shown in seen.items():
        await town_session.execute(
            text(
                "insert into sightings (viewer, kind, subject_id)"
                " select :viewer, 'container', id from unnest(cast(:ids as uuid[])) id"
            ),
            {"viewer": eyes.viewer, "ids": shown},
        )
    for eyes, shown in seen.items():
        await look_as(town_session, eyes)
        newest = [Match(FoundKind.CONTAINER, one, len(shown)) for one in sorted(shown, reverse=True)]
        assert await queries.find(town_session, ["qxz7"], most=6) == newest[:6]
    await look_as(town_session, world.carrier.owner)
    assert await queries.find(town_session, ["qxz7"], most=6) == []


async def test_the_newest_manifest_comes_first_though_older_drafts_begin_with_the_word(
    town_session: WriteSession, world: World
) -> None:
    owner, ids = world.generator.owner, sorted(new_id() for _ in range(8))
    for one in ids:
        words = "QXZ8QXZ8" if one != ids[-1] else "20263706000001 QXZ8QXZ8"
        await town_session.execute(
            text("insert into search_entries values ('manifest', :id, :words, search_pieces(:words))"),
            {"id": one, "words": words},
        )
        await town_session.execute(
            text("insert into sightings (viewer, kind, subject_id) values (:viewer, 'manifest', :id)"),
            {"viewer": owner.viewer, "id": one},
        )
    await look_as(town_session, owner)
    found = await queries.find(town_session, ["qxz8"], most=6)
    assert [match.subject_id for match in found] == ids[:-7:-1]
