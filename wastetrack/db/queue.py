"""Put a job into the queue with the transaction that needs it: no commit, no job; no job lost after a commit."""

import json
from collections.abc import Mapping

from wastetrack.db.session import WriteSession

_DEFER = """
select procrastinate_defer_jobs_v1(array[row('default', $1, 0, null, null, $2::text::jsonb, null)
  ::procrastinate_job_to_defer_v1])
"""


async def enqueue(session: WriteSession, task: str, arguments: Mapping[str, str]) -> None:
    """Queue one job. Arguments are read by whoever reads the database: never a secret."""
    driver = await session.driver()
    await driver.execute(_DEFER, task, json.dumps(dict(arguments)))
