"""The steps of the journey, in their order. Each knows only what its role is told by the API."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from wastetrack import clock
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.cli.travelling.caller import Caller
from wastetrack.cli.travelling.grounds import Grounds
from wastetrack.errors import NotFound
from wastetrack.reports import bundle
from wastetrack.reports.bundle_checks import Verdict

WASTE_CODE = "336-063-17"
"""Sludge of an electroplater's waste water: what the demonstration's shipper makes and its gate may take."""
_NAME, _FORM, _HAZARDS = "电镀废水处理污泥", "semi_solid", ["T"]
_TARE_G = 2_400
# What the workshop's scale said of three big bags, and what the gate's says: the last is 4 % heavier than declared.
_GROSS_G = (742_400, 815_000, 689_600)
_AT_GATE_G = (742_000, 816_000, 717_000)
_RESIDUE_GROSS_G = 362_400


@dataclass(frozen=True, slots=True)
class Callers:
    """The five programs."""

    shipper: Caller
    carrier: Caller
    gate: Caller
    receiver: Caller
    authority: Caller


@dataclass(slots=True)
class Journey:
    """One journey, and what came of it. `tell` is told each step as it is done."""

    callers: Callers
    out: Path
    tell: Callable[[str], None]
    result: dict[str, Any] = field(default_factory=dict)
    promised: list[str] = field(default_factory=list)
    """The events that the server has acknowledged with a signed promise; each must be in the bundle."""

    @property
    def today(self) -> date:
        """The day as the law counts it."""
        return clock.now().astimezone(LEGAL_ZONE).date()

    async def go(self) -> bool:
        """All steps; gives whether everything is proved."""
        self.out.mkdir(parents=True, exist_ok=True)
        start, end = await self._places()
        await self._plan(start, end)
        drums = await self._label(start)
        manifest_id = await self._file(start, end, drums)
        await self._carry(manifest_id)
        await self._receive(manifest_id, end, drums)
        await self._treat(end, drums)
        await self._figures(manifest_id)
        return await self._prove(manifest_id)

    async def _places(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Where it starts, and the gate's own site if its permit covers the waste today."""
        shipper, gate = self.callers.shipper, self.callers.gate
        own = (await shipper.get("/me"))["organisation_id"]
        sites = (await shipper.get(f"/organisations/{own}/sites"))["items"]
        if not sites:
            raise NotFound("journey.no_site", "The shipper {login} has no site.", login=shipper.login)
        stores = (await shipper.get(f"/sites/{sites[0]['id']}/stores"))["items"]
        theirs = (await gate.get("/me"))["organisation_id"]
        able = (await shipper.get("/receivers", waste_code=WASTE_CODE, on=self.today.isoformat()))["items"]
        end = next((one for one in able if one["organisation"]["id"] == theirs), None)
        if end is None:
            message = "The firm of {login} may not take {waste_code} today; {count} others may."
            raise NotFound("journey.no_receiver", message, login=gate.login, waste_code=WASTE_CODE, count=len(able))
        self.tell(f"{len(able)} receivers may take {WASTE_CODE}; chosen: {end['organisation']['name']}")
        end_stores = (await gate.get(f"/sites/{end['site']['id']}/stores"))["items"]
        start = {"site_id": sites[0]["id"], "address": sites[0]["address"], "store_id": _first_id(stores)}
        return start, {
            "site_id": end["site"]["id"],
            "organisation_id": end["organisation"]["id"],
            "address": end["site"]["address"],
            "store_id": _first_id(end_stores),
            "method": end["methods"][0],
        }

    async def _plan(self, start: dict[str, Any], end: dict[str, Any]) -> None:
        """The transfer stands in the filed plan, and a contract is made over it."""
        grounds = Grounds(
            shipper=self.callers.shipper,
            receiver=self.callers.receiver,
            site_id=start["site_id"],
            receiver_id=end["organisation_id"],
            waste_code=WASTE_CODE,
            method=end["method"],
            hazards=_HAZARDS,
            today=self.today,
        )
        filed, agreed = await grounds.lay(sum(_GROSS_G))
        self.result |= {"plan": filed["plan"]["filing_number"], "contract": agreed["contract"]["number"]}
        self.tell(f"plan {filed['plan']['filing_number']} filed in version {filed['plan']['version']}; contract agreed")

    async def _label(self, start: dict[str, Any]) -> list[dict[str, Any]]:
        """Fill, weigh and label three big bags; print the labels; put them into store."""
        shipper = self.callers.shipper
        drums = []
        for gross_g in _GROSS_G:
            body = {
                **_described(WASTE_CODE, _NAME, gross_g),
                "site_id": start["site_id"],
                "generated_on": self.today.isoformat(),
            }
            made = self._promised(await shipper.post("/containers", body))["container"]
            text = (await shipper.fetch(f"/containers/{made['id']}/label.txt")).decode()
            drums.append({"id": made["id"], "gross_g": made["gross_g"], "label": text, "code": made["digital_code"]})
        ids = [drum["id"] for drum in drums]
        labels = await shipper.print_out("/containers/labels.pdf", {"container_ids": ids, "paper": "single"})
        self._keep("label_pdf", "labels.pdf", labels)
        if start["store_id"] is not None:
            stored = {"container_ids": ids, "store_id": start["store_id"]}
            self._promised(await shipper.post("/containers/storing", stored))
        self.result["containers"] = [drum["code"] for drum in drums]
        self.tell(f"{len(drums)} containers labelled and stored")
        return drums

    async def _file(self, start: dict[str, Any], end: dict[str, Any], drums: list[dict[str, Any]]) -> str:
        """The carrier tells its vehicle; the shipper drafts and signs."""
        carrier, shipper = self.callers.carrier, self.callers.shipper
        carrier_id = (await carrier.get("/me"))["organisation_id"]
        fleet = await carrier.get(f"/organisations/{carrier_id}/fleet")
        load_g = sum(drum["gross_g"] for drum in drums)
        able = [one for one in fleet["vehicles"] if one["rated_load_g"] >= load_g]
        if not able:
            message = "The firm of {login} has no vehicle for {load} g."
            raise NotFound("journey.no_vehicle", message, login=carrier.login, load=load_g)
        leg = {
            "carrier_id": carrier_id,
            "plate": able[0]["plate"],
            "driver_id": _first_id(fleet["drivers"]),
            "start": start["address"],
            "end": end["address"],
        }
        plan = {
            "shipper_site_id": start["site_id"],
            "receiver_site_id": end["site_id"],
            "method": end["method"],
            "planned_on": self.today.isoformat(),
            "container_ids": [drum["id"] for drum in drums],
            "legs": [leg],
        }
        draft = await shipper.post("/manifests", plan)
        manifest_id = str(draft["id"])
        filed = self._promised(await shipper.sign(f"/manifests/{manifest_id}/filing", {"version": draft["version"]}))
        number = filed["manifest"]["number"]
        self.result |= {"manifest_id": manifest_id, "manifest_number": number}
        self.tell(f"manifest {number} filed, carried by {able[0]['plate']}")
        return manifest_id

    async def _carry(self, manifest_id: str) -> None:
        for step in ("pick-up", "arrival"):
            self._promised(await self.callers.carrier.sign(f"/manifests/{manifest_id}/{step}", {}))
        self.tell("picked up, and arrived at the gate")

    async def _receive(self, manifest_id: str, end: dict[str, Any], drums: list[dict[str, Any]]) -> None:
        """Scan and weigh each label, sign the receipt, confirm."""
        gate = self.callers.gate
        outcomes = []
        for drum, gross_g in zip(drums, _AT_GATE_G, strict=True):
            scan = {
                "label": drum["label"],
                "gross_g": gross_g,
                "method": "platform_scale",
                "scale_id": "GATE-1",
                "uncertainty_g": 600,
                "store_id": end["store_id"],
            }
            found = self._promised(await gate.post(f"/manifests/{manifest_id}/scans", scan))
            outcomes.append(found["outcome"])
            self.tell(f"scanned {drum['code']}: {found['outcome']}, {found['difference_g']:+,} g")
        received = self._promised(await gate.sign(f"/manifests/{manifest_id}/receipt", {"opinion": "同意接收"}))
        self._promised(await gate.sign(f"/manifests/{manifest_id}/confirmation", {}))
        self.result["outcomes"] = outcomes
        self.tell(f"receipt signed: {received['manifest']['state']}; confirmed")

    async def _treat(self, end: dict[str, Any], drums: list[dict[str, Any]]) -> None:
        residue = _described("772-006-49", "物化处理污泥", _RESIDUE_GROSS_G)
        batch = {
            "site_id": end["site_id"],
            "container_ids": [drum["id"] for drum in drums],
            "method": end["method"],
            "treated_on": self.today.isoformat(),
            "residues": [residue],
        }
        treated = self._promised(await self.callers.gate.post("/treatments", batch))["batch"]
        self.result |= {"treated_g": treated["input_g"], "residue_g": treated["residue_g"]}
        self.tell(f"treated by {end['method']}: {treated['input_g']:,} g, leaving {treated['residue_g']:,} g")

    async def _figures(self, manifest_id: str) -> None:
        """What the authority reads of it."""
        shown = (await self.callers.authority.get(f"/manifests/{manifest_id}"))["manifest"]
        declared_g, measured_g = shown["declared_g"], shown["measured_g"]
        self.result |= {
            "state": shown["state"],
            "declared_g": declared_g,
            "measured_g": measured_g,
            "discrepancy_g": measured_g - declared_g,
        }
        self._keep(
            "manifest_pdf",
            f"manifest-{shown['number']}.pdf",
            await self.callers.authority.fetch(f"/manifests/{manifest_id}/manifest.pdf"),
        )

    async def _prove(self, manifest_id: str) -> bool:
        """The authority takes bundle and key away and verifies them without the server."""
        authority = self.callers.authority
        data = await authority.fetch(f"/manifests/{manifest_id}/bundle?why=routine_inspection")
        key = (await authority.fetch("/log/key")).decode().strip()
        path = self._keep("bundle", f"bundle-{self.result['manifest_number']}.json", data)
        self._keep("log_key", "log.key.txt", f"{key}\n".encode())
        verdict = bundle.verify_file(path.read_bytes(), key)
        proved = {event["id"]: event["log_index"] for event in _events(data)}
        absent = [event_id for event_id in self.promised if event_id not in proved]
        verified = verdict.holds and not absent
        self.result |= {
            "events": len(proved),
            "log_index": max(proved.values(), default=None),
            "acknowledged": len(self.promised),
            "acknowledged_but_absent": absent,
            "bundle_verified": verified,
        }
        self.tell(_told(verdict, len(proved), len(absent)))
        return verified

    def _promised(self, answer: dict[str, Any]) -> dict[str, Any]:
        self.promised.append(answer["log"]["event_id"])
        return answer

    def _keep(self, name: str, file: str, data: bytes) -> Path:
        path = (self.out / file).absolute()
        path.write_bytes(data)
        self.result[name] = str(path)
        return path


def _described(code: str, name: str, gross_g: int) -> dict[str, Any]:
    return {
        "waste_code": code,
        "waste_name": name,
        "form": _FORM,
        "hazards": _HAZARDS,
        "main_components": "金属氢氧化物、水",
        "harmful_components": "铜、锌",
        "precautions": "穿戴防酸碱手套和护目镜",
        "packaging": "big_bag",
        "volume_l": 1_000,
        "gross_g": gross_g,
        "tare_g": _TARE_G,
        "method": "platform_scale",
        "scale_id": "FLOOR-1",
        "uncertainty_g": 450,
    }


def _first_id(items: list[dict[str, Any]]) -> str | None:
    return items[0]["id"] if items else None


def _events(data: bytes) -> list[dict[str, Any]]:
    """The events that a bundle holds; none in a file that is not even one."""
    try:
        events: list[dict[str, Any]] = json.loads(data)["events"]
    except (ValueError, KeyError, TypeError):
        return []
    return events


def _told(verdict: Verdict, events: int, absent: int) -> str:
    if verdict.holds and not absent:
        return f"{events} events verified offline"
    if verdict.first_wrong is not None:
        return f"wrong event {verdict.first_wrong.id}: {verdict.first_wrong.check.sentence()}"
    return f"not proved; {absent} acknowledged events are not in the bundle"
