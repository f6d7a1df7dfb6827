"""The hospital behind the application: its people signed in, and the way of a bag over HTTP."""

from collections.abc import Mapping
from typing import Any

import httpx2

from tests.support.medical import STEAM, Hospital
from tests.support.served import PASSWORD as PASSWORD_OF_PEOPLE
from tests.support.served import PEOPLE, Served, Visitor
from tests.support.world import PASSWORD
from wastetrack.auth.model import Role
from wastetrack.ids import new_id

API = "/api/v1/medical"


def _password_of(login: str) -> str:
    return PASSWORD_OF_PEOPLE if login in PEOPLE else PASSWORD


class Ward:
    """The running application, the hospital, and each person's signed-in program or browser."""

    def __init__(self, served: Served, hospital: Hospital) -> None:
        self.served = served
        self.hospital = hospital
        self._programs: dict[str, Visitor] = {}
        self._browsers: dict[str, Visitor] = {}

    def login_of(self, who: str) -> str:
        """By what they sign in: nurse, collector, office, owner, driver, gate, plant, approver, inspector, stranger."""
        logins = self.hospital.firm.logins
        own = {
            "nurse": logins[Role.FILER],
            "office": logins[Role.SIGNER],
            "owner": logins[Role.OWNER],
            "looker": logins[Role.VIEWER],
            "collector": self.hospital.collector_login,
            "plant": "receiver",
        }
        return own.get(who, who)

    async def program(self, who: str) -> Visitor:
        """Somebody's program, signed in once."""
        if who not in self._programs:
            visitor = self.served.visitor()
            answered = await visitor.sign_in_at_api(login := self.login_of(who), _password_of(login))
            assert answered.status_code == 201, answered.text
            self._programs[who] = visitor
        return self._programs[who]

    async def browser(self, who: str) -> Visitor:
        """Somebody's browser, signed in once."""
        if who not in self._browsers:
            visitor = self.served.visitor()
            login = self.login_of(who)
            assert (await visitor.sign_in(login, _password_of(login))).status_code == 303
            self._browsers[who] = visitor
        return self._browsers[who]

    async def sent(self, who: str, path: str, body: object, *, expect: int = 201) -> Any:  # noqa: ANN401  JSON
        """Post and expect."""
        answered: httpx2.Response = await (await self.program(who)).send_json(API + path, body)
        assert answered.status_code == expect, answered.text
        return answered.json()

    async def got(self, who: str, path: str, *, expect: int = 200) -> Any:  # noqa: ANN401  JSON
        """Get and expect."""
        answered: httpx2.Response = await (await self.program(who)).get(API + path)
        assert answered.status_code == expect, answered.text
        return answered.json()

    async def narrowed(self, who: str, scope: str, path: str, body: object) -> httpx2.Response:
        """Post with a token of this person's for one scope alone."""
        owner = await self.program(who)
        wanted = {"name": f"narrowed {new_id()}", "days": 1, "scopes": [scope]}
        made = await owner.send_json("/api/v1/tokens", wanted)
        assert made.status_code == 201, made.text
        program = self.served.visitor()
        program.bearer = made.json()["secret"]
        answered: httpx2.Response = await program.send_json(API + path, body)
        return answered

    async def signs(self, who: str, path: str, fields: Mapping[str, str], *, page: str) -> httpx2.Response:
        """Fill in a form that leads to a signature, read what is signed, and sign with the person's password."""
        browser = await self.browser(who)
        read = await browser.send_form(path, fields, page=page)
        assert read.status_code == 303, read.text
        address = read.headers["location"]
        assert address.startswith("/signing/"), address
        factor = {"factor_password": _password_of(self.login_of(who))}
        signed: httpx2.Response = await browser.send_form(address, factor, page=address)
        assert signed.status_code == 303, signed.text
        return signed

    def sign_in_anew(self) -> None:
        """Everybody signs in again, for example because a month has gone by."""
        self._programs.clear()
        self._browsers.clear()

    def bag(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  any field
        """A yellow bag to be packed."""
        return {
            "ward_id": str(self.hospital.ward.id),
            "kind": "infectious",
            "packaging": "bag",
            "volume_l": 60,
            "filled_percent": 75,
            "gross_g": 3_250,
            "tare_g": 50,
            **changes,
        }

    async def packed(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        """A packed bag's container."""
        made = await self.sent("nurse", "/bags", self.bag(**changes))
        container: dict[str, Any] = made["container"]
        return container

    async def stored(self, *bags: dict[str, Any]) -> str:
        """A round that brought these bags to the store."""
        walk = await self.sent("collector", "/rounds", {"site_id": str(self.hospital.site_id)})
        grams = sum(bag["net_g"] for bag in bags)
        await self.sent(
            "collector",
            f"/rounds/{walk['id']}/hand-overs",
            {
                "ward_id": str(self.hospital.ward.id),
                "labels": [bag["digital_code"] for bag in bags],
                "bags": len(bags),
                "mass_g": grams,
                "nurse_name": "李护士",
            },
        )
        ending = {"store_id": str(self.hospital.store_id), "bags": len(bags), "mass_g": grams}
        await self.sent("collector", f"/rounds/{walk['id']}/end", ending, expect=200)
        return str(walk["id"])

    def card(self, *bags: dict[str, Any]) -> dict[str, Any]:
        """A card for these bags."""
        world = self.served.world
        return {
            "site_id": str(self.hospital.site_id),
            "receiver_site_id": str(world.receiver.site.id),
            "method": STEAM,
            "carrier_id": str(world.carrier.id),
            "plate": world.plate,
            "driver_name": "陈杰",
            "container_ids": [bag["id"] for bag in bags],
            "boxes": 1,
        }
