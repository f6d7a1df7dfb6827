"""Kill the server, PostgreSQL or parts of it at random moments under load, and see that nothing acknowledged is lost.

    python -m tests.kills.run --kills 200 --seed 7

Prints one JSON object; exit code 0 only if no acknowledged write is lost or doubled and every invariant holds.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from tests.kills.calling import Caller, Journal
from tests.kills.load import Crew
from tests.kills.machine import Machine, Victim
from tests.kills.verdict import Verdict, judge
from tests.support.world import AT, World, build_world
from wastetrack.auth.model import Role
from wastetrack.cli.demonstration.signing import Keyring
from wastetrack.db import embedded, migrating
from wastetrack.db.engine import make_engine
from wastetrack.db.session import writing
from wastetrack.settings import Settings
from wastetrack.transparency import signing_key

_CLIENTS = 6
_WEIGHTS = {Victim.SERVER: 3, Victim.STARTING: 1, Victim.POSTMASTER: 3, Victim.BACKEND: 4}
_LONGEST_LIFE_SECONDS = 1.2
_MOST_TOLD = 10

Sabotage = Callable[[str], Awaitable[None]]


async def founded(data_dir: Path) -> tuple[World, Keyring]:
    """A durable embedded database with the small world in it, and the keys with which its owners sign."""
    keyring = Keyring()
    with embedded.start(data_dir) as server:
        await asyncio.to_thread(migrating.upgrade, server.address.url)
        engine = make_engine(server.address.url, pool_size=1)
        async with writing(engine) as session:
            world = await build_world(session)
            for firm in (world.generator, world.carrier, world.second_carrier, world.receiver):
                await keyring.give(session, firm.owner, at=AT)
        await engine.dispose()
    return world, keyring


async def torment(
    data_dir: Path, *, kills: int, seed: int, clients: int = _CLIENTS, sabotage: Sabotage | None = None
) -> dict[str, Any]:
    """The whole trial; gives what is printed. `sabotage` is let at the database before the verdict."""
    begun = time.monotonic()
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    world, keyring = await founded(data_dir)
    machine, journal = Machine(data_dir), Journal()
    machine.start()
    await machine.ready()
    caller = Caller(machine.base_url, journal)
    settings = Settings(data_dir=data_dir)
    for firm in (world.generator, world.carrier, world.second_carrier, world.receiver):
        await caller.sign_in(firm.logins[Role.OWNER])
    stop = asyncio.Event()
    crews = [
        Crew(
            caller=caller,
            world=world,
            keyring=keyring,
            chance=random.Random(f"{seed}/{number}"),  # noqa: S311  the same
            base_url=settings.base_url,
            label_key=(data_dir / "label.key").read_bytes(),
            number=number,
        )
        for number in range(clients)
    ]
    working = [asyncio.create_task(crew.work(stop)) for crew in crews]
    try:
        killed = await _kill_again_and_again(machine, chance, kills)
        stop.set()
        await asyncio.gather(*working)
        signer = signing_key.load(settings.log_key_path, origin=settings.log_origin)
        await asyncio.sleep(2)  # the sequencer places what waits within a second
        if sabotage is not None:
            await sabotage(embedded.attach(data_dir).dsn)
        verdict = await judge(caller, world, signer.verifier, embedded.attach(data_dir).dsn)
    finally:
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
        await caller.http.aclose()
        await machine.stop()
    return _summary(journal, machine, killed, verdict) | {
        "seed": seed,
        "clients": clients,
        "seconds": round(time.monotonic() - begun),
    }


async def _kill_again_and_again(machine: Machine, chance: random.Random, kills: int) -> Counter[str]:
    killed: Counter[str] = Counter()
    victims, weights = list(_WEIGHTS), list(_WEIGHTS.values())
    while killed.total() < kills:
        await asyncio.sleep(chance.uniform(0.0, _LONGEST_LIFE_SECONDS))
        victim = chance.choices(victims, weights)[0]
        await machine.kill(victim, chance)
        killed[victim.value] += 2 if victim is Victim.STARTING else 1
        await machine.ready()
    return killed


def _summary(journal: Journal, machine: Machine, killed: Counter[str], verdict: Verdict) -> dict[str, Any]:
    slowest = max(machine.seconds_to_ready)
    return {
        "holds": verdict.holds,
        "kills": killed.total(),
        "killed": dict(killed),
        "starts": machine.starts,
        "slowest_start_seconds": round(slowest, 2),
        "acknowledged": len(journal.acknowledged),
        "sent_again": journal.repeated,
        "answered_from_store": journal.replayed,
        "lost": len(verdict.lost),
        "duplicates": len(verdict.duplicates),
        "receipts_checked": verdict.receipts_checked,
        "receipts_broken": len(verdict.receipts_broken),
        "invariants_broken": len(verdict.invariants_broken),
        "refused": len(journal.refusals),
        "checked": verdict.checked,
        "answers": dict(journal.statuses.most_common()),
        "told": [
            *verdict.lost[:_MOST_TOLD],
            *verdict.duplicates[:_MOST_TOLD],
            *verdict.receipts_broken[:_MOST_TOLD],
            *verdict.invariants_broken[:_MOST_TOLD],
            *journal.refusals[:_MOST_TOLD],
        ],
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=_CLIENTS)
    parser.add_argument("--data", type=Path, help="keep the data folder here (must not exist yet)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wastetrack-kills-") as folder:
        data_dir = given.data or Path(folder) / "data"
        summary = asyncio.run(torment(data_dir, kills=given.kills, seed=given.seed, clients=given.clients))
    sys.stdout.write(json.dumps(summary, ensure_ascii=False) + "\n")
    sys.exit(0 if summary["holds"] else 1)


if __name__ == "__main__":
    main()
