"""(a) One gate scan with weight through HTTP, authorised, with event, postings and balance."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from wastetrack.cli.benchmarking import bare
from wastetrack.cli.benchmarking.client import Client
from wastetrack.cli.benchmarking.rows import Row, rate
from wastetrack.cli.benchmarking.stage import Stage, Truck, prepare, served, signed_in
from wastetrack.ids import new_id

_GATE = "gate_operator"
_CONNECTIONS = (1, 16)


async def measure(stage: Stage, *, scale: float) -> list[Row]:
    """Scans per second over 1 and over 16 connections, each beside the same statements sent bare."""
    rows = []
    for connections in _CONNECTIONS:
        each = max(int(400 * scale) // connections, 12)
        filled = await stage.clone()
        trucks = await prepare(stage, filled, connections, each, arrived=True)
        ours = await _through_http(stage, await stage.clone(filled.database), trucks)
        bare_rate = await _bare(stage, filled, trucks)
        rows.append(rate(f"gate_scan_c{connections}", ours, bare_rate, "scans/s", at_least=0.4))
    return rows


def scan_body(digital_code: str) -> dict[str, Any]:
    """A scan of a code typed by hand, with a weight a little off."""
    return {"label": digital_code, "gross_g": 6_190, "scale_id": "BENCH-2", "uncertainty_g": 30}


async def _through_http(stage: Stage, address: Any, trucks: Sequence[Truck]) -> float:  # noqa: ANN401  an Address
    with served(stage, address) as server:
        clients = [await signed_in(server.port, stage, _GATE) for _ in trucks]
        await asyncio.gather(*(_scan(one, truck, slice(1)) for one, truck in zip(clients, trucks, strict=True)))
        begin = time.perf_counter()
        await asyncio.gather(*(_scan(one, truck, slice(1, None)) for one, truck in zip(clients, trucks, strict=True)))
        seconds = time.perf_counter() - begin
        for client in clients:
            client.close()
    return sum(len(truck.digital_codes) - 1 for truck in trucks) / seconds


async def _scan(client: Client, truck: Truck, which: slice) -> None:
    for code in truck.digital_codes[which]:
        await client.call("POST", f"/manifests/{truck.manifest_id}/scans", scan_body(code), key=new_id())


async def _bare(stage: Stage, address: Any, trucks: Sequence[Truck]) -> float:  # noqa: ANN401
    recorded = await stage.clone(address.database)
    async with bare.recorder(stage, recorded, _GATE) as app:
        shares = [
            [
                await app.call("POST", f"/manifests/{truck.manifest_id}/scans", scan_body(code), key=new_id())
                for code in truck.digital_codes
            ]
            for truck in trucks
        ]
    fresh = await stage.clone(address.database)
    await bare.keep_signed_in(recorded, fresh)
    seconds, _ = await bare.replay(fresh, shares)
    return sum(len(share) - 1 for share in shares) / seconds
