"""Firms that trade over HTTP: the small world of world.py behind the application's API, and the steps of a transfer.

What a test does is really committed, on a copy of the small world that the tests of one process share; so each test
makes containers and manifests of its own.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI

from tests.support.plans import contract_for, plan_for
from tests.support.served import Served, Visitor
from tests.support.world import OIL, PASSWORD, Firm
from wastetrack import clock
from wastetrack.auth.model import Role
from wastetrack.catalogues.jurisdiction import LEGAL_ZONE
from wastetrack.containers.labels import DigitalCode, make_label_text
from wastetrack.db.session import writing
from wastetrack.plans.model import ReceiverKind, TransferKind
from wastetrack.serving.keys import Keys

API = "/api/v1"


def today() -> date:
    """The day on which everything in these tests happens, as the law counts it."""
    return clock.now().astimezone(LEGAL_ZONE).date()


def agreed_handover() -> dict[str, str]:
    """Where and when a further carrier takes over (令23 art. 17)."""
    return {"handover_place": "芝罘区交接点", "handover_at": f"{today().isoformat()}T23:59:00+08:00"}


class Trade:
    """The running application, its firms, and each person's signed-in program."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.world = served.world
        self._others: dict[str, Visitor] = {}

    @property
    def app(self) -> FastAPI:
        """The application."""
        return self.served.app

    @property
    def keys(self) -> Keys:
        """The secrets of this deployment."""
        keys: Keys = self.app.state.keys
        return keys

    async def plans(
        self,
        receiver_id: UUID,
        *codes: str,
        method: str = "D10",
        kind: TransferKind = TransferKind.WITHIN,
        shipper: Firm | None = None,
    ) -> None:
        """Let a filed plan of this year and a contract of the workshop (or of another firm) send these codes to a
        receiver, whatever its permit says."""
        firm, at = shipper or self.world.generator, clock.now()
        planned: dict[str, Any] = {"method": method, "kind": kind, "receiver_kind": ReceiverKind.APPROVED_USER}
        async with writing(self.served.owner) as session:
            await plan_for(session, firm.site, receiver_id, codes, actor=firm.owner, at=at, **planned)
            await contract_for(session, firm.id, receiver_id, codes, method=method, shipper=firm.owner, at=at)

    async def program(self, login: str, password: str = PASSWORD) -> Visitor:
        """The program of somebody who is not among PEOPLE, signed in once."""
        if login not in self._others:
            visitor = self.served.visitor()
            answered = await visitor.sign_in_at_api(login, password)
            assert answered.status_code == 201, answered.text
            self._others[login] = visitor
        return self._others[login]

    async def shipper(self) -> Visitor:
        """Who makes the waste."""
        return await self.served.api_visitor("owner")

    async def carrier(self) -> Visitor:
        """Who drives it."""
        return await self.served.api_visitor("driver")

    async def second_carrier(self) -> Visitor:
        """Who drives it on."""
        return await self.program(self.world.second_carrier.logins[Role.DRIVER])

    async def gate(self) -> Visitor:
        """Who weighs it at the receiver's gate."""
        return await self.served.api_visitor("gate")

    async def receiver(self) -> Visitor:
        """Who signs for the receiver."""
        return await self.served.api_visitor("receiver")

    async def stranger(self) -> Visitor:
        """Another firm's owner."""
        return await self.served.api_visitor("stranger")

    async def inspector(self) -> Visitor:
        """The authority."""
        return await self.served.api_visitor("inspector")

    async def nobody(self) -> Visitor:
        """Who has not signed in."""
        return self.served.visitor()

    def drum(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  any field of the body
        """A drum of 180 kg of waste oil to be labelled."""
        return {
            "site_id": str(self.world.generator.site.id),
            "waste_code": OIL,
            "waste_name": "废矿物油",
            "form": "liquid",
            "hazards": ["T", "I"],
            "packaging": "drum",
            "volume_l": 200,
            "gross_g": 200_000,
            "tare_g": 20_000,
            "method": "platform_scale",
            "scale_id": "PS-1",
            "uncertainty_g": 100,
            "generated_on": today().isoformat(),
            **changes,
        }

    async def labelled(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        """A labelled drum, as the API shows it."""
        made = await sent(await self.shipper(), "/containers", self.drum(**changes), expect=201)
        container: dict[str, Any] = made["container"]
        return container

    def plan(self, *containers: Mapping[str, Any], legs: int = 1, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        """A transfer of these containers to the incinerator, today."""
        world = self.world
        carriers = ((world.carrier, world.plate), (world.second_carrier, world.second_plate))[:legs]
        return {
            "shipper_site_id": str(world.generator.site.id),
            "receiver_site_id": str(world.receiver.site.id),
            "method": "D10",
            "planned_on": today().isoformat(),
            "container_ids": [container["id"] for container in containers],
            "legs": [
                {"carrier_id": str(firm.id), "plate": plate, "start": "芝罘区", "end": "莱山区", **agreed_handover()}
                for firm, plate in carriers
            ],
            **changes,
        }

    async def drafted(self, *containers: Mapping[str, Any], **changes: Any) -> str:  # noqa: ANN401
        """The id of a draft."""
        plan = self.plan(*containers, **changes)
        return str((await sent(await self.shipper(), "/manifests", plan, expect=201))["id"])

    async def filed(self, *containers: Mapping[str, Any], **changes: Any) -> str:  # noqa: ANN401
        """The id of a filed manifest."""
        manifest_id = await self.drafted(*containers, **changes)
        await sent(await self.shipper(), f"/manifests/{manifest_id}/filing", {})
        return manifest_id

    async def arrived(self, *containers: Mapping[str, Any], **changes: Any) -> str:  # noqa: ANN401
        """The id of a manifest whose truck stands at the gate."""
        manifest_id = await self.filed(*containers, **changes)
        carrier = await self.carrier()
        await sent(carrier, f"/manifests/{manifest_id}/pick-up", {})
        await sent(carrier, f"/manifests/{manifest_id}/arrival", {})
        return manifest_id

    async def scanned(self, manifest_id: str, container: Mapping[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        """A scan by the gate operator, weighed as declared unless changed."""
        return await sent(
            await self.gate(), f"/manifests/{manifest_id}/scans", self.scan(container, **changes), expect=201
        )

    def scan(self, container: Mapping[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        """What the gate's device sends."""
        return {
            "label": self.label_text(container),
            "gross_g": container["gross_g"],
            "scale_id": "GATE-2",
            "uncertainty_g": 200,
            **changes,
        }

    def label_text(self, container: Mapping[str, Any]) -> str:
        """What the label's QR code says."""
        return make_label_text(self.keys.base_url, DigitalCode.parse(container["digital_code"]), self.keys.label_key)

    async def received(self, *containers: Mapping[str, Any]) -> str:
        """The id of a manifest that was received as declared."""
        manifest_id = await self.arrived(*containers)
        for container in containers:
            await self.scanned(manifest_id, container)
        await sent(await self.receiver(), f"/manifests/{manifest_id}/receipt", {})
        return manifest_id

    async def standing(self, manifest_id: str) -> dict[str, Any]:
        """The manifest as its shipper reads it."""
        return await asked(await self.shipper(), f"/manifests/{manifest_id}")


async def sent(
    visitor: Visitor,
    path: str,
    body: object,
    *,
    expect: int = 200,
    key: UUID | None = None,
) -> dict[str, Any]:
    """Post to the API; the answer must have the expected status."""
    response = await visitor.send_json(API + path, body, key=key)
    assert response.status_code == expect, f"{path}: {response.status_code} {response.text}"
    answer: dict[str, Any] = response.json()
    return answer


async def asked(visitor: Visitor, path: str, *, expect: int = 200) -> dict[str, Any]:
    """Get from the API."""
    response = await visitor.get(API + path)
    assert response.status_code == expect, f"{path}: {response.status_code} {response.text}"
    answer: dict[str, Any] = response.json()
    return answer


async def refused(visitor: Visitor, path: str, body: object, *codes: str, status: int = 422) -> dict[str, Any]:
    """Post what must be refused for exactly these rules; gives the problem document."""
    problem = await sent(visitor, path, body, expect=status)
    found = [error["code"] for error in problem["errors"]] or [problem["code"]]
    assert found == list(codes), problem
    return problem


@pytest.fixture(scope="session")
def trade(served: Served) -> Trade:
    """The application on a copy of the small world, shared by the tests of this process."""
    return Trade(served)


__all__ = ["Trade", "asked", "refused", "sent", "today", "trade"]
