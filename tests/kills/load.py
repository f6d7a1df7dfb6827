"""The load: clerks, drivers and gates that do the whole main job over and over, in every variation."""

import asyncio
import itertools
import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.kills.calling import Caller, Refused
from tests.support.served import SIGNED
from tests.support.trade import agreed_handover
from tests.support.world import OIL, World
from wastetrack import clock
from wastetrack.auth.model import Role
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.cli.demonstration.signing import Keyring
from wastetrack.containers.labels import DigitalCode, make_label_text

_OWNER = Role.OWNER
# Labels may be a year old; spread over many days the three digits of the serials do not run out.
_DAYS = 300


@dataclass(frozen=True)
class Crew:
    """One client: its people, its luck, and what it needs to print labels."""

    caller: Caller
    world: World
    keyring: Keyring
    chance: random.Random
    base_url: str
    label_key: bytes
    number: int

    async def work(self, stop: asyncio.Event) -> None:
        """One journey after the other, at least one; a refused one is written down and the next begins."""
        for round_ in itertools.count():
            try:
                await self.journey(round_)
            except Refused as refused:
                self.caller.journal.statuses[f"journey ended: {str(refused)[:60]}"] += 1
                await asyncio.sleep(0.2)
            if stop.is_set():
                return

    async def journey(self, round_: int) -> None:
        """Label, file, carry, scan, receive, perhaps return, correct and treat."""
        drums = [await self._label(round_) for _ in range(self.chance.randint(1, 3))]
        plan = self._plan(drums)
        manifest_id = (await self._shipper("/manifests", plan))["id"]
        if self._luck(0.04):
            await self.caller.write(
                self.world.generator.logins[_OWNER], f"/manifests/{manifest_id}/cancellation", {}
            )  # a draft: it is not signed
            return
        await self._shipper(f"/manifests/{manifest_id}/filing", {})
        if self._luck(0.08):
            step = self.chance.choice(["cancellation", "voiding"])
            await self._shipper(f"/manifests/{manifest_id}/{step}", {"reason": "计划有变"})
            return
        await self._carry(manifest_id, len(plan["legs"]))
        kept, rejected, missing = await self._scan(manifest_id, drums)
        receipt = await self._receiver(f"/manifests/{manifest_id}/receipt", {"missing_ids": missing})
        if rejected:
            await self._take_back(receipt["return_manifest"]["id"], rejected)
        if kept and self._luck(0.2):
            await self._correct(manifest_id, kept[0])
        await self._receiver(f"/manifests/{manifest_id}/confirmation", {})
        if kept and self._luck(0.3):
            await self._treat(kept)

    async def _label(self, round_: int) -> dict[str, Any]:
        net_g = self.chance.randint(2_000, 12_000)
        day = clock.now().astimezone(LEGAL_ZONE).date() - timedelta(days=(self.number + 7 * round_) % _DAYS)
        body = {
            "site_id": str(self.world.generator.site.id),
            "waste_code": OIL,
            "waste_name": "废矿物油",
            "form": "liquid",
            "hazards": ["T", "I"],
            "packaging": "drum",
            "volume_l": 20,
            "gross_g": net_g + 1_000,
            "tare_g": 1_000,
            "method": "platform_scale",
            "scale_id": "PS-1",
            "uncertainty_g": 10,
            "generated_on": day.isoformat(),
        }
        drum: dict[str, Any] = (await self._shipper("/containers", body))["container"]
        if self._luck(0.1):
            body = {name: body[name] for name in ("tare_g", "method")} | {"gross_g": net_g + 1_100}
            drum = (await self._shipper(f"/containers/{drum['id']}/weighing", body))["container"]
        return drum

    def _plan(self, drums: list[dict[str, Any]]) -> dict[str, Any]:
        legs = [(self.world.carrier, self.world.plate)]
        if self._luck(0.3):
            legs.append((self.world.second_carrier, self.world.second_plate))
        return {
            "shipper_site_id": str(self.world.generator.site.id),
            "receiver_site_id": str(self.world.receiver.site.id),
            "method": "D10",
            "planned_on": clock.now().astimezone(LEGAL_ZONE).date().isoformat(),
            "container_ids": [drum["id"] for drum in drums],
            "legs": [{"carrier_id": str(firm.id), "plate": plate, **agreed_handover()} for firm, plate in legs],
        }

    async def _carry(self, manifest_id: str, legs: int) -> None:
        await self._by(self.world.carrier.logins[_OWNER], f"/manifests/{manifest_id}/pick-up", {})
        if legs > 1:
            await self._by(self.world.second_carrier.logins[_OWNER], f"/manifests/{manifest_id}/hand-over", {})
        await self._receiver(f"/manifests/{manifest_id}/arrival", {})

    async def _scan(
        self, manifest_id: str, drums: list[dict[str, Any]]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
        """What was taken in, what goes back, and the ids of what nobody saw."""
        kept: list[dict[str, Any]] = []
        rejected: list[dict[str, Any]] = []
        missing: list[str] = []
        for drum in drums:
            if self._luck(0.05):
                missing.append(drum["id"])
                continue
            body: dict[str, Any] = {"label": self._label_of(drum), "scale_id": "GATE-2", "uncertainty_g": 20}
            if self._luck(0.08):
                await self._receiver(f"/manifests/{manifest_id}/scans", body | {"reject_reason": "桶身渗漏"})
                rejected.append(drum)
                continue
            if not self._luck(0.1):
                body["gross_g"] = drum["gross_g"] + self.chance.randint(-300, 300)
            await self._receiver(f"/manifests/{manifest_id}/scans", body)
            kept.append(drum)
            if self._luck(0.05):  # by mistake once more: another scan, no second drum
                await self._receiver(f"/manifests/{manifest_id}/scans", body)
        return kept, rejected, missing

    async def _take_back(self, back_id: str, rejected: list[dict[str, Any]]) -> None:
        for drum in rejected:
            await self._shipper(f"/manifests/{back_id}/scans", {"label": self._label_of(drum)})
        await self._shipper(f"/manifests/{back_id}/receipt", {})

    async def _correct(self, manifest_id: str, drum: dict[str, Any]) -> None:
        body = {"container_id": drum["id"], "measured_g": drum["net_g"] + 700, "reason": "地磅未归零"}
        asked = await self._receiver(f"/manifests/{manifest_id}/corrections", body)
        consent = self._luck(0.8)
        answer = {"consent": consent, "reason": "" if consent else "未见复磅单"}
        await self._shipper(f"/corrections/{asked['correction']['id']}/answer", answer)

    async def _treat(self, drums: list[dict[str, Any]]) -> None:
        today = clock.now().astimezone(LEGAL_ZONE).date().isoformat()
        body = {
            "site_id": str(self.world.receiver.site.id),
            "container_ids": [drum["id"] for drum in drums],
            "method": "D10",
            "treated_on": today,
        }
        await self._receiver("/treatments", body)

    def _label_of(self, drum: dict[str, Any]) -> str:
        code = DigitalCode.parse(drum["digital_code"])
        return make_label_text(self.base_url, code, self.label_key) if self._luck(0.7) else str(code)

    def _luck(self, share: float) -> bool:
        return self.chance.random() < share

    async def _by(self, login: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if path.rpartition("/")[2] not in SIGNED:
            return await self.caller.write(login, path, body)
        firms = (self.world.generator, self.world.carrier, self.world.second_carrier, self.world.receiver)
        owner = next(firm.owner for firm in firms if firm.logins[_OWNER] == login)
        prepared = await self.caller.write(login, f"{path}/preparation", body)
        factor = self.keyring.factor(owner, prepared["statement"].encode())
        return await self.caller.write(login, path, {**body, "intent_id": prepared["intent_id"], "factor": factor})

    async def _shipper(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self._by(self.world.generator.logins[_OWNER], path, body)

    async def _receiver(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return await self._by(self.world.receiver.logins[_OWNER], path, body)
