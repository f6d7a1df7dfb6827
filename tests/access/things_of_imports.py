"""Imports in each state and long work, of a firm's owner."""

from uuid import UUID

from sqlalchemy import text

from tests.support.import_files import good_row, workbook
from wastetrack import clock
from wastetrack.auth.model import Actor
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.imports.model import ImportKind
from wastetrack.imports.offering import Offer, offer
from wastetrack.tasks import starting

Things = dict[str, str]
_STATE = text("""
update imports set state = :state, imported_at = :at,
    summary = '{"count": 1, "net_g": 180000, "wastes": [{"code": "900-249-08", "count": 1, "net_g": 180000}]}'
where id = :id
""")
_MARKED = text(
    "insert into import_files select import_id, 'marked', media_type, content from import_files where import_id = :id"
)
_FOUND = text("""
insert into import_findings values (:id, 0, 2, 1, '废物代码', 'error', 'cell_empty',
  '{"field": "waste_code", "code": "cell_empty", "message": "Fill it in.", "value": null, "article": null,
    "next_step": "", "facts": {}}')
""")
_MADE = text("insert into import_made values (:id, 0, 2, :container, '1')")
_DONE = text("update long_tasks set state = 'done', finished_at = now() where id = :id")
_LEFT = text("insert into long_task_files values (:id, 'a.csv', 'text/csv', repeat('0', 64), 'a')")


async def things_of_imports(session: WriteSession, owner: Actor, site_id: UUID, container_id: UUID) -> Things:
    """One with findings to look at, one that waits for a yes, one that was taken in; a task that waits, one done."""
    made = {}
    for number, name in enumerate(("import", "ready_import", "imported")):
        command = Offer(
            kind=ImportKind.CONTAINERS, site_id=site_id, name="容器.xlsx", content=workbook([good_row(number)])
        )
        made[name] = (await offer(session, owner, command, at=clock.now())).id
    for name, state in (("import", "refused"), ("ready_import", "ready"), ("imported", "imported")):
        at = clock.now() if state == "imported" else None
        await session.execute(_STATE, {"id": made[name], "state": state, "at": at})
    await session.execute(_MARKED, {"id": made["import"]})
    await session.execute(_FOUND, {"id": made["import"]})
    await session.execute(_MADE, {"id": made["imported"], "container": container_id})
    tasks = [
        await starting.start(
            session,
            owner,
            kind="import_check",
            title="Check of {name}",
            facts={"name": "a"},
            arguments={"import_id": str(new_id())},
            at=clock.now(),
        )
        for _ in range(2)
    ]
    await session.execute(_DONE, {"id": tasks[1]})
    await session.execute(_LEFT, {"id": tasks[1]})
    return {name: str(one) for name, one in made.items()} | {"task": str(tasks[0]), "done_task": str(tasks[1])}
