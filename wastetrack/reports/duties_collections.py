"""Clocks of calls for collection: to be answered and fetched by the collector, papered or renewed by the source."""

from datetime import datetime, timedelta

from sqlalchemy import text

from wastetrack.auth.model import Actor
from wastetrack.auth.policy import Verb, may
from wastetrack.db.session import ReadSession
from wastetrack.i18n import message
from wastetrack.mass import Mass
from wastetrack.reports.duty import Duty

_OWED = text("""
select case call.state when 'called' then 'answer' else 'fetch' end as what, call.id, source.name as who,
  call.containers, call.net_g,
  case call.state when 'called' then least(call.wanted_by, call.due_on) else call.planned_on end as due_on,
  case call.state when 'called' then call.due_at end as due_at
from collection_calls call join organisations source on source.id = call.organisation_id
where call.state in ('called', 'accepted') and :answers
  and (call.collector_id = :own and (call.state = 'called' or call.carrier_id is null) or call.carrier_id = :own)
union all
select 'file', call.id, collector.name, call.containers, call.net_g, call.planned_on, null
from collection_calls call join organisations collector on collector.id = call.collector_id
where call.state = 'accepted' and :files and call.organisation_id = :own
  and exists (select from collection_call_containers called where called.call_id = call.id
    and called.waste_code not like '841-%')
  and not exists (select from collection_call_containers called
    join manifest_containers line on line.container_id = called.container_id and line.open
    where called.call_id = call.id)
union all
select 'again', call.id, collector.name, call.containers, call.net_g, call.due_on, call.due_at
from collection_calls call join organisations collector on collector.id = call.collector_id
where call.state = 'declined' and :files and call.organisation_id = :own and call.ended_at > :forgotten
  and exists (select from collection_call_containers called join containers held on held.id = called.container_id
    where called.call_id = call.id and held.site_id = call.site_id and held.held_for is null
      and held.treatment_batch_id is null
      and not exists (select from collection_call_containers newer
        where newer.container_id = held.id and newer.open))
limit 300
""")
_TITLES = {
    "answer": message("Answer a call for collection: {containers} containers, {mass}"),
    "fetch": message("Fetch what was called for: {containers} containers, {mass}"),
    "file": message("File the manifest for the collection: {containers} containers, {mass}"),
    "again": message("The collector does not come: call for {containers} containers ({mass}) again"),
}
_ADDRESSES = {"again": "/calls"}
# Whoever keeps his waste after that has been told often enough; terms of storage remind him anyhow.
_FORGOTTEN = timedelta(days=30)


async def collections_duties(session: ReadSession, actor: Actor, at: datetime) -> list[Duty]:
    """What the actor's firm owes about calls, in one statement; authorities have no part in them."""
    files = bool(may(actor, Verb.FILE))
    answers = files or bool(may(actor, Verb.CARRY))
    if actor.is_regulator or not answers:
        return []
    asked = {"own": actor.organisation_id, "files": files, "answers": answers, "forgotten": at - _FORGOTTEN}
    return [
        Duty(
            title=_TITLES[row["what"]],
            what=row["who"],
            address=_ADDRESSES.get(row["what"], f"/calls/{row['id']}"),
            due_on=None if row["due_at"] else row["due_on"],
            due_at=row["due_at"],
            facts={"containers": row["containers"], "mass": Mass(row["net_g"]).kg_text()},
        )
        for row in (await session.execute(_OWED, asked)).mappings()
    ]
