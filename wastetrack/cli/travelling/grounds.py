"""The ground on which the journey's manifest rests: the shipper's plan names the transfer, and both sides have a
contract."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from wastetrack.cli.travelling.caller import Caller
from wastetrack.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What is to go where. `receiver` signs for the receiving firm."""

    shipper: Caller
    receiver: Caller
    site_id: str
    receiver_id: str
    waste_code: str
    method: str
    hazards: list[str]
    today: date

    async def lay(self, grams: int) -> list[dict[str, Any]]:
        """File a plan with room for so much, make a contract over it; gives the answers that bear a promise."""
        return [await self._plan(grams), await self._contract(grams)]

    async def _plan(self, grams: int) -> dict[str, Any]:
        """Plan the transfer beside what is planned: a change of the filed plan, or the year's first."""
        plans = (await self.shipper.get("/plans", year=str(self.today.year)))["items"]
        plan = next((one for one in plans if one["site_id"] == self.site_id), None)
        if plan is None:
            plan = await self.shipper.post(f"/sites/{self.site_id}/plans", {"year": self.today.year})
        elif plan["state"] == "filed":
            await self.shipper.post(f"/plans/{plan['id']}/change", {})
        told = (await self.shipper.get(f"/plans/{plan['id']}"))["newest"]["content"]
        tables = {"generation": self._made(told["generation"], grams), "transfer": self._sent(told["transfer"], grams)}
        await self.shipper.post(f"/plans/{plan['id']}/tables", tables)
        filed: dict[str, Any] = await self.shipper.post(f"/plans/{plan['id']}/submission", {})
        return filed

    def _made(self, lines: list[dict[str, Any]], grams: int) -> list[dict[str, Any]]:
        if any(line["waste_code"] == self.waste_code for line in lines):
            return lines
        line = {"waste_code": self.waste_code, "hazards": self.hazards, "planned": _tonnes(grams)}
        return [*lines, {**line, "facility_code": lines[0]["facility_code"] if lines else ""}]

    def _sent(self, lines: list[dict[str, Any]], grams: int) -> list[dict[str, Any]]:
        key = (self.waste_code, self.method, self.receiver_id)
        for line in lines:
            if (line["waste_code"], line["method"], line["receiver_id"]) == key and line["planned"]["unit"] == "t":
                more = round(Decimal(line["planned"]["value"]) * 1_000_000) + grams
                return [*(one for one in lines if one is not line), {**line, "planned": _tonnes(more)}]
        line = {"waste_code": self.waste_code, "method": self.method, "receiver_id": self.receiver_id}
        return [*lines, {**line, "planned": _tonnes(grams)}]

    async def _contract(self, grams: int) -> dict[str, Any]:
        """The shipper enters it, the receiver agrees."""
        body = {
            "shipper_id": (await self.shipper.get("/me"))["organisation_id"],
            "receiver_id": self.receiver_id,
            "number": f"HT-{new_id().hex[-12:]}",
            "signed_on": self.today.isoformat(),
            "valid_from": self.today.isoformat(),
            "valid_to": date(self.today.year + 1, 12, 31).isoformat(),
            "clauses_acknowledged": True,
            "items": [{"waste_code": self.waste_code, "method": self.method, "quantity_g": grams}],
        }
        made = await self.shipper.post("/contracts", body)
        agreed: dict[str, Any] = await self.receiver.post(f"/contracts/{made['id']}/agreement", {})
        return agreed


def _tonnes(grams: int) -> dict[str, str]:
    return {"value": f"{grams // 1_000_000}.{grams % 1_000_000:06}", "unit": "t"}
