"""(b) Read one manifest and list a page of 50, among 5,000 and among 50,000; (f) statements per request."""

import asyncpg

from wastetrack.cli.benchmarking import bare
from wastetrack.cli.benchmarking.gate import scan_body
from wastetrack.cli.benchmarking.rows import Row, cost, flat
from wastetrack.cli.benchmarking.stage import Stage, Truck, prepare, served, signed_bodies, signed_in
from wastetrack.db.addresses import Address
from wastetrack.ids import new_id

_SIZES = (5_000, 50_000)
_GENERATOR = "owner"
# So many manifests are not made one by one: rows of one that was are copied under new ids. Only reads are measured.
_COPY = """
create temp table copies as select gen_random_uuid() as id, n from generate_series(1, {count}) n;
insert into manifests
  select c.id, '20209900' || lpad(c.n::text, 6, '0'), m.kind, m.state, m.version, m.shipper_id, m.shipper_site_id,
    m.receiver_id, m.receiver_site_id, m.origin_region, m.destination_region, m.method, m.planned_on, m.list_edition,
    m.remarks, m.opinion, m.returns_id, m.created_at, m.last_act_at, m.filed_at, m.picked_up_at, m.arrived_at,
    m.received_at, m.closed_at
  from manifests m, copies c where m.id = '{id}';
insert into manifest_legs
  select c.id, l.position, l.carrier_id, l.vehicle_id, l.driver_id, l.start, l.end, l.taken_over_at
  from manifest_legs l, copies c where l.manifest_id = '{id}';
insert into manifest_containers (manifest_id, position, container_id, open, waste_code, declared_g)
  select c.id, l.position, l.container_id, false, l.waste_code, l.declared_g
  from manifest_containers l, copies c where l.manifest_id = '{id}';
insert into sightings select s.viewer, s.kind, c.id from sightings s, copies c where s.subject_id = '{id}';
drop table copies;
"""


async def _multiply(address: Address, manifest: Truck, count: int) -> None:
    connection = await asyncpg.connect(address.dsn)
    await connection.execute(_COPY.format(count=count, id=manifest.manifest_id))
    await connection.execute("analyze")
    await connection.close()


async def measure(stage: Stage, *, scale: float) -> list[Row]:
    """Processor time of the server process per read, beside that of the driver; and that it does not grow."""
    seed = await stage.clone()
    (truck,) = await prepare(stage, seed, 1, 3, arrived=True)
    requests = {"read_manifest": f"/manifests/{truck.manifest_id}", "list_page_of_50": "/manifests?limit=50"}
    rows: list[Row] = []
    among: dict[str, list[float]] = {name: [] for name in requests}
    for size in _SIZES:
        address = await stage.clone(seed.database)
        await _multiply(address, truck, size)
        for name, path in requests.items():
            ours, driver = await _read(stage, address, path, count=max(int(300 * scale), 40))
            among[name].append(ours)
            rows.append(cost(f"{name}_among_{size}", ours, driver, "ms cpu", at_most=2))
    rows += [flat(f"{name}_growth", few, many, "ms cpu", at_most=1.25) for name, (few, many) in among.items()]
    return rows


async def _read(stage: Stage, address: Address, path: str, *, count: int) -> tuple[float, float]:
    async with bare.recorder(stage, address, _GENERATOR) as app:
        recording = await app.call("GET", path)
    _, cpu = await bare.replay(address, [[recording] * (count + 1)])
    with served(stage, address) as server:
        client = await signed_in(server.port, stage, _GENERATOR)
        for _ in range(20):
            await client.call("GET", path)
        begin = server.cpu_seconds()
        for _ in range(count):
            await client.call("GET", path)
        ours = (server.cpu_seconds() - begin) / count
        client.close()
    return ours * 1e3, cpu / count * 1e3


async def count_statements(stage: Stage, *, scale: float) -> list[Row]:  # noqa: ARG001  counting needs no repetition
    """(f) Statements that a request sends, BEGIN and COMMIT included, among few and among 5,000 manifests."""
    seed = await stage.clone()
    (first,) = await prepare(stage, seed, 1, 3, arrived=True)
    drafts = await prepare(stage, seed, 2, 3, arrived=False)
    large = await stage.clone(seed.database)
    await _multiply(large, first, _SIZES[0])
    few = await _counts(stage, await stage.clone(seed.database), first, drafts)
    many = await _counts(stage, large, first, drafts)
    return [flat(f"statements_{name}", few[name], many[name], "statements", at_most=1.0) for name in few]


async def _counts(stage: Stage, address: Address, arrived: Truck, drafts: list[Truck]) -> dict[str, int]:
    counts: dict[str, int] = {}
    async with bare.recorder(stage, address, _GENERATOR) as app:
        reads = (
            ("read_manifest", f"/manifests/{arrived.manifest_id}"),
            ("list_manifests", "/manifests?limit=50"),
            ("list_containers", "/containers?limit=50"),
        )
        for name, path in reads:
            await app.call("GET", path)  # the first one also fills the pool and the cached lists
            counts[name] = len(await app.call("GET", path))
        for draft, body in zip(drafts, await signed_bodies(stage, address, drafts), strict=True):  # as above
            path = f"/manifests/{draft.manifest_id}/filing"
            counts["file_manifest"] = len(await app.call("POST", path, body, key=new_id()))
    async with bare.recorder(stage, address, "gate_operator") as app:
        path = f"/manifests/{arrived.manifest_id}/scans"
        for code in arrived.digital_codes:
            counts["gate_scan"] = len(await app.call("POST", path, scan_body(code), key=new_id()))
    return counts
