"""(c) File one manifest of three containers."""

from wastetrack.cli.benchmarking import bare
from wastetrack.cli.benchmarking.rows import Row, cost
from wastetrack.cli.benchmarking.stage import Stage, prepare, served, signed_bodies, signed_in
from wastetrack.ids import new_id

_GENERATOR = "owner"


async def measure(stage: Stage, *, scale: float) -> list[Row]:
    """Processor time of the server process per filing, beside that of the driver alone."""
    count = max(int(150 * scale), 15)
    filled = await stage.clone()
    drafts = await prepare(stage, filled, count, 3, arrived=False)
    bodies = await signed_bodies(stage, filled, drafts)
    filings = [(f"/manifests/{draft.manifest_id}/filing", body) for draft, body in zip(drafts, bodies, strict=True)]
    with served(stage, await stage.clone(filled.database)) as server:
        client = await signed_in(server.port, stage, _GENERATOR)
        for path, body in filings[:10]:
            await client.call("POST", path, body, key=new_id())
        begin = server.cpu_seconds()
        for path, body in filings[10:]:
            await client.call("POST", path, body, key=new_id())
        ours = (server.cpu_seconds() - begin) / (count - 10)
        client.close()
    recorded, fresh = await stage.clone(filled.database), await stage.clone(filled.database)
    async with bare.recorder(stage, recorded, _GENERATOR) as app:
        recordings = [await app.call("POST", path, body, key=new_id()) for path, body in filings]
    await bare.keep_signed_in(recorded, fresh)
    _, cpu = await bare.replay(fresh, [recordings])
    return [cost("file_three_containers", ours * 1e3, cpu / (count - 1) * 1e3, "ms cpu", at_most=4)]
