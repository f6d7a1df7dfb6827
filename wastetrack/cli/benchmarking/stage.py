"""Where the benchmarks play: a server of their own in a temporary folder, a founded region, and clones of it."""

import asyncio
import itertools
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import UUID

import asyncpg

from wastetrack import clock
from wastetrack.auth.model import Role
from wastetrack.catalogues.loading import load_packaged
from wastetrack.catalogues.queries import snapshot
from wastetrack.cli.benchmarking.client import Client
from wastetrack.cli.demonstration.founding import Founding
from wastetrack.cli.demonstration.members import Carrier, Plant, Shipper
from wastetrack.cli.demonstration.planning import plan_everything
from wastetrack.containers.labelling import label_container
from wastetrack.containers.model import Description, Form, LabelContainer, Packaging, Weighing
from wastetrack.db import embedded, migrating
from wastetrack.db.addresses import Address
from wastetrack.db.engine import make_engine
from wastetrack.db.session import WriteSession, writing
from wastetrack.ledger.model import WeighingMethod
from wastetrack.manifests import filing, preparing, transporting
from wastetrack.manifests.acting import Asked
from wastetrack.manifests.model import DraftManifest, LegPlan, SignAct, SignedStep
from wastetrack.mass import Mass

PASSWORD = "bench-mark-of-an-orange-drum"  # noqa: S105  of databases that are thrown away
_SECONDS_TO_START = 30
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Truck:
    """A manifest and the digital codes of its containers."""

    manifest_id: UUID
    digital_codes: tuple[str, ...]


@dataclass(slots=True)
class Stage:
    """A founded region in a database nobody is connected to; benchmarks work on clones."""

    address: Address
    folder: Path
    shipper: Shipper
    carrier: Carrier
    plant: Plant
    logins: dict[str, str]
    waste_code: str
    template: str
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    async def clone(self, template: str | None = None) -> Address:
        """A copy of the region, or of another clone."""
        name = f"bench_{next(self._numbers)}"
        connection = await asyncpg.connect(self.address.of("postgres").dsn)
        try:
            await connection.execute(f'create database "{name}" template "{template or self.template}"')
        finally:
            await connection.close()
        return self.address.of(name)


@asynccontextmanager
async def set_up() -> AsyncIterator[Stage]:
    """Found the region. Takes some ten seconds, most of them for people's password hashes."""
    with tempfile.TemporaryDirectory(prefix="wastetrack-bench-") as folder, embedded.start(Path(folder)) as server:
        template = "bench_region"
        maintenance = await asyncpg.connect(server.address.dsn)
        await maintenance.execute(f'create database "{template}"')
        await maintenance.close()
        address = server.address.of(template)
        await asyncio.to_thread(migrating.upgrade, address.url)
        engine = make_engine(address.url, pool_size=1)
        at = clock.now() - timedelta(days=2)
        async with writing(engine) as session:
            await load_packaged(session, at=at)
        async with writing(engine) as session:
            founding = Founding(session, at, Random(1), PASSWORD, scale=10)  # noqa: S311  the same region each time
            cast = await founding.cast()
            await plan_everything(session, cast, await snapshot(session), scale=1_000, at=at)
        await engine.dispose()
        # The first of each are those whose people have a role each.
        shipper, plant = cast.shippers[0], next(iter(cast.plants.values()))
        code = next(code for code in shipper.facts.codes if plant.method_for(code))
        yield Stage(
            address=server.address,
            folder=Path(folder),
            shipper=shipper,
            carrier=cast.carriers[0],
            plant=plant,
            logins={account.role: account.login for account in reversed(founding.accounts)},
            waste_code=code,
            template=template,
        )


async def prepare(stage: Stage, address: Address, trucks: int, containers: int, *, arrived: bool) -> list[Truck]:
    """Manifests of so many containers each, made by the use cases: drafts, or trucks that stand at the plant's gate."""
    engine = make_engine(address.url, pool_size=1)
    made = []
    for _ in range(trucks):
        async with writing(engine) as session:
            made.append(await _truck(session, stage, containers, arrived=arrived))
    await engine.dispose()
    return made


async def _truck(session: WriteSession, stage: Stage, containers: int, *, arrived: bool) -> Truck:
    at = clock.now() - timedelta(hours=3)
    shipper, driver = stage.shipper.by(Role.OWNER), stage.carrier.by(Role.OWNER)
    rows = [(await label_container(session, shipper, _box(stage, at.date()), at=at))[0] for _ in range(containers)]
    plan = DraftManifest(
        shipper_site_id=stage.shipper.site.id,
        receiver_site_id=stage.plant.site.id,
        method=stage.plant.method_for(stage.waste_code) or "",
        planned_on=at.date(),
        container_ids=tuple(row.id for row in rows),
        legs=(LegPlan(carrier_id=stage.carrier.organisation.id, plate=stage.carrier.vehicles[0].plate),),
    )
    manifest = await filing.draft_manifest(session, shipper, plan, at=at)
    if arrived:
        keys = stage.shipper.keyring
        for act, actor, minutes in (
            (filing.file_manifest, shipper, 0),
            (transporting.pick_up, driver, 20),
            (transporting.arrive, driver, 90),
        ):
            when = at + timedelta(minutes=minutes)
            signing = keys.signing(session, actor, at=when)
            await act(session, actor, SignAct(manifest_id=manifest.id, signing=signing), at=when)
    return Truck(manifest.id, tuple(row.digital_code for row in rows))


async def signed_bodies(stage: Stage, address: Address, drafts: list[Truck]) -> list[dict[str, object]]:
    """For each draft the body with which its filing is signed: prepared, and signed with the shipper's own key, so that
    neither the first step nor the hashing of a password is measured."""
    engine, owner = make_engine(address.url, pool_size=1), stage.shipper.by(Role.OWNER)
    bodies: list[dict[str, object]] = []
    async with writing(engine) as session:
        for draft in drafts:
            asked = Asked(step=SignedStep.FILING, subject_id=draft.manifest_id)
            intent = await preparing.prepare(session, owner, asked, at=clock.now())
            factor = stage.shipper.keyring.factor(owner, intent.statement)
            bodies.append({"intent_id": str(intent.id), "factor": factor})
    await engine.dispose()
    return bodies


_days = itertools.count()


def _box(stage: Stage, today: date) -> LabelContainer:
    """A small box; the days differ because a day has only 999 serials."""
    weighing = Weighing(
        gross=Mass.from_kg(Decimal("6.2")),
        tare=Mass.from_kg(Decimal("1.2")),
        method=WeighingMethod.PLATFORM_SCALE,
        scale_id="BENCH",
        uncertainty=Mass(20),
    )
    return LabelContainer(
        site_id=stage.shipper.site.id,
        description=Description(waste_code=stage.waste_code, waste_name="废物", form=Form.SOLID, hazards=("T",)),
        packaging=Packaging.BOX,
        volume_l=20,
        weighing=weighing,
        generated_on=today - timedelta(days=next(_days) // 900),
    )


@dataclass(frozen=True, slots=True)
class Served:
    """A running server process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Processor time it has used, in user and kernel."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS


@contextmanager
def served(stage: Stage, address: Address) -> Iterator[Served]:
    """The product's own server process on a database, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
    environment = {
        **os.environ,
        "WASTETRACK_DATABASE_URL": address.for_application().url,
        # What is measured is the server, not the limits that protect it.
        "WASTETRACK_RATE_LIMITS": "false",
        "WASTETRACK_DATA_DIR": str(stage.folder / "keys"),
    }
    command = [sys.executable, "-m", "wastetrack.cli.main", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  ourselves
    try:
        _wait_for(port, process)
        yield Served(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    msg = "the server did not start"
    raise RuntimeError(msg)


async def signed_in(port: int, stage: Stage, role: str) -> Client:
    """A client that acts for one of the region's people."""
    client = await Client.open(port)
    answer = await client.call("POST", "/sign-in", {"login": stage.logins[role], "password": PASSWORD})
    client.token = answer["token"]
    return client
