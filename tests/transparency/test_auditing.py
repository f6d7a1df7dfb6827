"""The full recomputation: silent on a sound log, and it names what was altered behind the triggers' back."""

import re
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from tests.transparency import reference
from tests.transparency.histories import DRUM, MORNING, SIGNER, STRANGER, event, event_id, history
from wastetrack.db.session import WriteSession
from wastetrack.transparency import checkpoint
from wastetrack.transparency.appending import append, append_all
from wastetrack.transparency.auditing import Audit, Fault, audit
from wastetrack.transparency.hashing import leaf_hash
from wastetrack.transparency.leaf import leaf_of, write
from wastetrack.transparency.publishing import publish


async def published(session: WriteSession, turns: Sequence[int] = (5, 3, 4)) -> None:
    """A log with a history, more leaves, and a checkpoint after each turn."""
    events = [*history(), *(event(number) for number in range(6, 1 + sum(turns)))]
    start = 0
    for count in turns:
        await append_all(session, events[start : start + count])
        await publish(session, SIGNER, at=MORNING)
        start += count


async def forge(session: WriteSession, *statements: str) -> None:
    """Change the log as a superuser would who switches the triggers off. <3> stands for the id of the third event."""
    await session.execute(sa.text("set local session_replication_role = replica"))
    for statement in statements:
        spelt = statement.replace("<arrival>", "(select arrival from log_leaves where id = <2>)")
        named = re.sub(r"<(\d+)>", lambda found: f"'{event_id(int(found[1]))}'", spelt)
        await (await session.driver()).execute(named.replace("<drum>", f"'{DRUM}'"))
    await session.execute(sa.text("set local session_replication_role = origin"))


def faults(found: Audit) -> list[Fault]:
    assert all(finding.sentence() for finding in found.findings)
    assert found.faults == len(found.findings)
    return [finding.fault for finding in found.findings]


@pytest.mark.parametrize("page", [1, 2, 3, 7, 100])
async def test_a_sound_log_has_no_findings_however_it_is_paged(session: WriteSession, page: int) -> None:
    await published(session)
    await append(session, event(20))
    found = await audit(session, SIGNER.verifier, page=page)
    assert found.findings == []
    assert found.consistent
    assert (found.placed, found.waiting, found.checkpoints) == (12, 1, 3)
    leaves = (
        await session.scalars(
            sa.text("select bytes from log_sequence join log_leaves using (arrival) order by log_index")
        )
    ).all()
    assert found.root == reference.tree_hash(list(leaves))


async def test_an_empty_log_is_sound(session: WriteSession) -> None:
    assert (await audit(session, SIGNER.verifier)).consistent


async def test_an_erased_personal_part_is_no_fault(session: WriteSession) -> None:
    await published(session)
    await session.execute(sa.text("delete from log_personal"))
    assert (await audit(session, SIGNER.verifier)).consistent


@pytest.mark.parametrize("page", [2, 100])
async def test_an_edited_leaf_is_named_with_the_reason(session: WriteSession, page: int) -> None:
    """A kilogram is taken out of the third event and its hash made to fit, all triggers off."""
    await published(session)
    await forge(
        session,
        "update log_leaves set "
        "bytes = convert_to(replace(convert_from(bytes, 'utf8'), '182000', '181000'), 'utf8'), "
        r"hash = sha256('\x00'::bytea || convert_to(replace(convert_from(bytes, 'utf8'), '182000', '181000'), 'utf8')) "
        "where id = <3>",
    )
    found = await audit(session, SIGNER.verifier, page=page)
    first = found.first_wrong_leaf
    assert first is not None
    assert (first.log_index, first.event_id, first.kind) == (2, event_id(3), "manifest.picked_up")
    assert first.fault is Fault.LEAF_NOT_IN_TREE
    assert "built over a leaf with the hash" in first.sentence()
    assert faults(found) == [Fault.LEAF_NOT_IN_TREE, Fault.CHECKPOINT_ROOT]


async def test_the_first_of_several_edited_leaves_is_named_even_if_another_is_worse(session: WriteSession) -> None:
    await published(session)
    await forge(
        session,
        "alter table log_leaves drop constraint ck_log_leaves_hash",
        "update log_leaves set bytes = 'nonsense' where id = <5>",
        "update log_leaves set kind = 'container.lost' where id = <4>",
        "update log_nodes set hash = sha256('x') where level = 0 and position = 1",
    )
    found = await audit(session, SIGNER.verifier)
    assert faults(found) == [
        Fault.LEAF_NOT_IN_TREE,
        Fault.LEAF_COLUMNS,
        Fault.LEAF_HASH,
        Fault.LEAF_UNREADABLE,
        Fault.LEAF_NOT_IN_TREE,
        Fault.CHECKPOINT_ROOT,
    ]
    assert found.first_wrong_leaf is not None
    assert found.first_wrong_leaf.event_id == event_id(2)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update log_leaves set recorded_at = now() where id = <2>", [Fault.LEAF_COLUMNS]),
        ("update log_leaves set id = <77> where id = <2>", [Fault.LEAF_COLUMNS]),
        (
            "delete from log_subjects where subject_id = <drum> and arrival = <arrival>",
            [Fault.LEAF_COLUMNS],
        ),
        (
            "insert into log_subjects values (<77>, <arrival>)",
            [Fault.LEAF_COLUMNS],
        ),
        ("delete from log_leaves where id = <2>", [Fault.LEAF_MISSING]),
        ('update log_personal set body = \'{"driver": "somebody else"}\'', [Fault.LEAF_PERSONAL]),
        ("update log_personal set body = '[]'", [Fault.LEAF_PERSONAL]),
        ("update log_personal set leaf_id = <1>", [Fault.LEAF_PERSONAL]),
        ("insert into log_pending values (<arrival>)", [Fault.PENDING_WRONG]),
        ("insert into log_pending values (999999)", [Fault.PENDING_WRONG]),
        ("delete from log_sequence where log_index = 6", [Fault.SEQUENCE_GAP, Fault.NEVER_TAKEN_UP]),
        (
            "delete from log_sequence where log_index = 11",
            [Fault.NEVER_TAKEN_UP, Fault.NODE_BEYOND, Fault.CHECKPOINT_SIZE],
        ),
        ("update log_nodes set hash = sha256('x') where level = 2 and position = 1", [Fault.NODE_WRONG]),
        ("delete from log_nodes where level = 1 and position = 2", [Fault.NODE_WRONG]),
        ("insert into log_nodes values (1, 6, sha256('x'))", [Fault.NODE_BEYOND]),
        ("insert into log_nodes values (62, 3, sha256('x'))", [Fault.NODE_BEYOND]),
        ("delete from log_checkpoints where size = 12", [Fault.CHECKPOINT_SIZE]),
        ("update log_checkpoints set root = sha256('x') where size = 8", [Fault.CHECKPOINT_ROOT]),
        ("update log_checkpoints set note = 'nonsense' where size = 8", [Fault.CHECKPOINT_SIGNATURE]),
        ("update log_checkpoints set size = 9 where size = 8", [Fault.CHECKPOINT_ROOT, Fault.CHECKPOINT_ROOT]),
        ("update log_checkpoints set size = 20 where size = 12", [Fault.CHECKPOINT_SIZE]),
    ],
)
async def test_each_alteration_is_found(session: WriteSession, statement: str, expected: list[Fault]) -> None:
    await published(session)
    await forge(session, statement)
    assert faults(await audit(session, SIGNER.verifier, page=5)) == expected


async def test_a_leaf_that_neither_waits_nor_stands_in_the_tree_is_named(session: WriteSession) -> None:
    await published(session)
    await append(session, event(20))
    await session.execute(sa.text("delete from log_pending"))
    found = await audit(session, SIGNER.verifier)
    assert faults(found) == [Fault.NEVER_TAKEN_UP]
    assert found.findings[0].event_id == event_id(20)


async def test_a_history_rewritten_down_to_the_root_is_betrayed_by_the_signature(session: WriteSession) -> None:
    """Somebody with the whole database, but without the key, replaces the last leaf and all that is built on it."""
    await append(session, event(1))
    await publish(session, SIGNER, at=MORNING)
    content = write(leaf_of(event(1, facts={"net_g": 1})))
    forged = checkpoint.sign(checkpoint.Checkpoint(SIGNER.name, 1, leaf_hash(content)), STRANGER)
    await session.execute(sa.text("set local session_replication_role = replica"))
    await session.execute(
        sa.text("update log_leaves set bytes = :bytes, hash = :hash"), {"bytes": content, "hash": leaf_hash(content)}
    )
    await session.execute(sa.text("update log_nodes set hash = :hash"), {"hash": leaf_hash(content)})
    await session.execute(
        sa.text("update log_checkpoints set root = :hash, note = :note"), {"hash": leaf_hash(content), "note": forged}
    )
    found = await audit(session, SIGNER.verifier)
    assert faults(found) == [Fault.CHECKPOINT_SIGNATURE]
    assert "not signed by the log" in found.findings[0].sentence()


async def test_only_a_thousand_findings_are_kept_but_all_are_counted(session: WriteSession) -> None:
    await append_all(session, [event(number) for number in range(1, 1201)])
    await publish(session, SIGNER, at=MORNING)
    await forge(session, "update log_leaves set kind = 'other'")
    found = await audit(session, SIGNER.verifier)
    assert (len(found.findings), found.faults) == (1000, 1200)
