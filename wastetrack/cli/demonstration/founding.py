"""Founding the region: authorities, firms, people, stores, fleets and permits, before the first manifest."""

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from pypinyin import lazy_pinyin

from wastetrack.auth.enrolling import Enrol, install
from wastetrack.auth.model import PLATFORM_VIEWER, Actor, Role, viewer_for
from wastetrack.auth.queries import person_by_login
from wastetrack.cli.demonstration import firms, places
from wastetrack.cli.demonstration.firms import FleetFacts, PlantFacts, Trade
from wastetrack.cli.demonstration.members import Account, Carrier, Cast, Plant, Shipper
from wastetrack.cli.demonstration.places import Place
from wastetrack.cli.demonstration.signing import Keyring
from wastetrack.cli.demonstration.working_hours import local_day
from wastetrack.db.session import WriteSession
from wastetrack.ids import new_id
from wastetrack.mass import Mass
from wastetrack.parties import credit_codes, permitting, registering
from wastetrack.parties.commands import (
    AddDriver,
    AddSite,
    AddStore,
    AddVehicle,
    GrantPermit,
    ItemToGrant,
    RecordTransportLicence,
    RegisterOrganisation,
    RenewPermit,
    SuspendPermit,
)
from wastetrack.parties.model import Driver, Organisation, OrganisationKind, Site, SiteKind, Store, Vehicle

DANGER_CLASSES = frozenset({"3", "4.1", "4.2", "5.1", "6.1", "6.2", "8", "9"})
_TONNE_G = 1_000_000
# Which of the year's days the two permits of the story turn on.
KILN_RENEWED_AFTER = timedelta(days=131)
SUSPENDED_AFTER, SUSPENDED_FOR = timedelta(days=204), timedelta(days=30)
_SIGNS = frozenset({Role.OWNER, Role.SIGNER, Role.DRIVER, Role.GATE_OPERATOR})
_YEAR = timedelta(days=365)


@dataclass(slots=True)
class Founding:
    """One founding: counts credit codes and people, remembers the printed accounts."""

    session: WriteSession
    at: datetime
    dice: Random
    password: str | None
    passwords: dict[str, str] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    keyring: Keyring = field(default_factory=Keyring)
    operator: Actor = field(init=False)
    """Of the platform; known once the cast is made, like the approver."""
    approver: Actor = field(init=False)
    """Of the province."""
    inspector: Actor = field(init=False)
    """Of Yantai, which has no plant."""
    scale: int = 1
    """How many times what its plants are permitted for five hundred manifests a year."""
    _bodies: int = 0

    @property
    def today(self) -> date:
        """The day of the founding."""
        return local_day(self.at)

    async def cast(self) -> Cast:
        """Everybody, in an order that does not depend on chance."""
        operator = self.operator = await self._platform()
        approver = self.approver = await self._authorities(operator)
        shippers = [
            await self._shipper(operator, trade, place, stem, featured=number == 0)
            for number, (trade, place, stem) in enumerate(firms.SHIPPERS)
        ]
        carriers = [
            await self._carrier(operator, approver, facts, featured=number == 0)
            for number, facts in enumerate(firms.FLEETS)
        ]
        plants = [
            await self._plant(operator, approver, facts, featured=number == 0)
            for number, facts in enumerate(firms.PLANTS)
        ]
        return Cast(
            shippers=tuple(shippers),
            carriers=tuple(carriers),
            plants={plant.facts.key: plant for plant in plants},
        )

    async def _platform(self) -> Actor:
        """The operator registers its own organisation first; until then it acts as a founder nobody signs in as."""
        founder = Actor(new_id(), "wastetrack demo", new_id(), new_id(), Role.OPERATOR, PLATFORM_VIEWER)
        platform = await self.organisation(
            founder,
            name="山东固废云平台运营中心（演示）",
            name_en="Platform operator (demonstration)",
            kind=OrganisationKind.OPERATOR,
            place=places.LIXIA,
            head="12",
        )
        return await self.hire(platform, Role.OPERATOR, printed_as="operator")

    async def _authorities(self, operator: Actor) -> Actor:
        """Gives the province's approver, who grants every permit."""
        approver: Actor | None = None
        for jurisdiction, place, name, name_en in firms.AUTHORITIES:
            office = await self.organisation(
                operator,
                name=name,
                name_en=name_en,
                kind=OrganisationKind.REGULATOR,
                place=place,
                head="11",
                jurisdiction=jurisdiction,
            )
            if jurisdiction == "37":
                approver = await self.hire(office, Role.APPROVER, printed_as="approver", jurisdiction=jurisdiction)
            elif jurisdiction == "3706":
                self.inspector = await self.hire(
                    office, Role.INSPECTOR, printed_as="inspector", jurisdiction=jurisdiction
                )
                await self.hire(office, Role.REGULATOR_VIEWER, printed_as="regulator", jurisdiction=jurisdiction)
            else:
                await self.hire(office, Role.INSPECTOR, jurisdiction=jurisdiction)
        assert approver is not None  # noqa: S101  the table begins with the province
        return approver

    async def _shipper(self, operator: Actor, trade: Trade, place: Place, stem: str, *, featured: bool) -> Shipper:
        facts = firms.TRADES[trade]
        public = trade is Trade.HOSPITAL
        organisation = await self.organisation(
            operator,
            name=f"{place.city}{stem}{facts.name}",
            name_en=f"{_romanised(stem)} {facts.name_en}",
            kind=OrganisationKind.GENERATOR,
            place=place,
            head="12" if public else "52" if trade is Trade.CLINIC else "91",
        )
        kind = SiteKind.MEDICAL if facts.medical else SiteKind.PRODUCTION
        site = await self.site(operator, organisation, place, "院区" if facts.medical else "厂区", kind)
        stores = await self.stores(operator, site, facts.rooms)
        people = {Role.OWNER: await self.hire(organisation, Role.OWNER, printed_as="owner" if featured else None)}
        if featured:
            for role in (Role.FILER, Role.SIGNER, Role.VIEWER):
                people[role] = await self.hire(organisation, role, printed_as=role.value)
        return Shipper(
            organisation=organisation,
            place=place,
            site=site,
            people=people,
            keyring=self.keyring,
            stores=stores,
            trade=trade,
            facts=facts,
        )

    async def _carrier(self, operator: Actor, approver: Actor, facts: FleetFacts, *, featured: bool) -> Carrier:
        place = facts.place
        organisation = await self.organisation(
            operator,
            name=f"{place.city}{facts.stem}危险品运输有限公司",
            name_en=f"{_romanised(facts.stem)} Transport",
            kind=OrganisationKind.TRANSPORTER,
            place=place,
            head="91",
        )
        site = await self.site(operator, organisation, place, "停车场", SiteKind.DEPOT)
        people = {Role.OWNER: await self.hire(organisation, Role.OWNER)}
        if featured:
            people[Role.DRIVER] = await self.hire(organisation, Role.DRIVER, printed_as="driver")
        vehicles = [
            await self._vehicle(operator, organisation, f"{place.plate}{rest}", kilograms)
            for rest, kilograms in facts.vehicles
        ]
        drivers = [await self._driver(operator, organisation) for _ in range(facts.drivers)]
        # The licence of the first year and its renewal: who looks at a carrier sees that they change.
        for number, (first, last) in enumerate(((-700, 100), (101, 1_500)), 1):
            licence = RecordTransportLicence(
                organisation_id=organisation.id,
                number=f"鲁交运管许可危字{place.region_code}{self._bodies:04d}-{number}号",
                valid_from=self.today + timedelta(days=first),
                valid_to=self.today + timedelta(days=last),
                classes=frozenset({"6.2"}) if facts.medical else DANGER_CLASSES,
            )
            await registering.record_transport_licence(self.session, approver, licence, at=self.at)
        return Carrier(
            organisation=organisation,
            place=place,
            site=site,
            people=people,
            keyring=self.keyring,
            facts=facts,
            vehicles=tuple(vehicles),
            drivers=tuple(drivers),
        )

    async def _plant(self, operator: Actor, approver: Actor, facts: PlantFacts, *, featured: bool) -> Plant:
        organisation = await self.organisation(
            operator,
            name=facts.name,
            name_en=facts.name_en,
            kind=OrganisationKind.DISPOSER,
            place=facts.place,
            head="91",
        )
        site = await self.site(operator, organisation, facts.place, "处置场", facts.site_kind)
        stores = await self.stores(operator, site, facts.stores)
        people = {Role.OWNER: await self.hire(organisation, Role.OWNER)}
        if featured:
            people[Role.GATE_OPERATOR] = await self.hire(organisation, Role.GATE_OPERATOR, printed_as="gate")
            people[Role.SIGNER] = await self.hire(organisation, Role.SIGNER, printed_as="receiver")
        suspended = await self._permit(approver, organisation, site, facts)
        return Plant(
            organisation=organisation,
            place=facts.place,
            site=site,
            people=people,
            keyring=self.keyring,
            stores=stores,
            facts=facts,
            suspended=suspended,
        )

    async def _permit(
        self, approver: Actor, organisation: Organisation, site: Site, facts: PlantFacts
    ) -> tuple[date, date] | None:
        """The kiln's expires within the year and was renewed; the physico-chemical plant's is taken away for weeks."""
        last = self.today + (KILN_RENEWED_AFTER if facts.key == "kiln" else 2 * _YEAR)
        number = f"鲁危证{100 + self._bodies}号"
        grant = GrantPermit(
            organisation_id=organisation.id,
            site_id=site.id,
            number=number,
            kind=facts.kind,
            valid_from=last - 3 * _YEAR + timedelta(days=1),
            valid_to=last,
            items=tuple(
                ItemToGrant(
                    pattern=pattern,
                    methods=frozenset({method}),
                    yearly=Mass(tonnes * _TONNE_G * (1 if pattern == firms.FLY_ASH else self.scale)),
                )
                for pattern, method, tonnes in facts.items
            ),
        )
        permit = await permitting.grant_permit(self.session, approver, grant, at=self.at)
        if facts.key == "kiln":
            renewal = RenewPermit(
                permit_id=permit.id,
                number=f"{number}（换）",
                valid_from=last + timedelta(days=1),
                valid_to=last + 3 * _YEAR,
            )
            await permitting.renew_permit(self.session, approver, renewal, at=self.at)
        if facts.key != "physico":
            return None
        first, end = self.today + SUSPENDED_AFTER, self.today + SUSPENDED_AFTER + SUSPENDED_FOR
        suspension = SuspendPermit(permit_id=permit.id, from_on=first, to_on=end, reason="废水排放超标，限期整改")
        await permitting.suspend_permit(self.session, approver, suspension, at=self.at)
        return first, end

    async def organisation(
        self,
        operator: Actor,
        *,
        name: str,
        name_en: str,
        kind: OrganisationKind,
        place: Place,
        head: str,
        jurisdiction: str | None = None,
    ) -> Organisation:
        """Register an organisation under a code that no register issues."""
        self._bodies += 1
        command = RegisterOrganisation(
            credit_code=credit_codes.make(f"{head}{place.region_code}DEM0{self._bodies:05d}"),
            name=name,
            name_en=name_en,
            kinds=frozenset({kind}),
            region_code=place.region_code,
            address=self._address(place),
            contact_name=self._name(),
            contact_phone=f"0000-{5_000_000 + self._bodies}",
            jurisdiction=jurisdiction,
        )
        return await registering.register_organisation(self.session, operator, command, at=self.at)

    async def site(
        self, operator: Actor, organisation: Organisation, place: Place, suffix: str, kind: SiteKind
    ) -> Site:
        """A site of it, near the middle of the place."""
        command = AddSite(
            organisation_id=organisation.id,
            name=f"{organisation.name}{suffix}",
            kind=kind,
            region_code=place.region_code,
            address=organisation.address,
            latitude=place.latitude + self._off_centre(),
            longitude=place.longitude + self._off_centre(),
        )
        return await registering.add_site(self.session, operator, command, at=self.at)

    async def stores(self, operator: Actor, site: Site, wanted: tuple[tuple[str, int], ...]) -> tuple[Store, ...]:
        """Stores with so many tonnes."""
        return tuple(
            [
                await registering.add_store(
                    self.session,
                    operator,
                    AddStore(site_id=site.id, code=f"TS{number:03d}", name=name, limit=Mass(tonnes * _TONNE_G)),
                    at=self.at,
                )
                for number, (name, tonnes) in enumerate(wanted, 1)
            ]
        )

    async def _vehicle(self, operator: Actor, organisation: Organisation, plate: str, kilograms: int) -> Vehicle:
        command = AddVehicle(
            organisation_id=organisation.id,
            plate=plate,
            rated_load=Mass(1_000 * kilograms),
            licence_number=f"鲁交运管{self.dice.randint(10**8, 10**9 - 1)}号",
            licence_valid_to=self.today + timedelta(days=self.dice.randint(420, 900)),
        )
        return await registering.add_vehicle(self.session, operator, command, at=self.at)

    async def _driver(self, operator: Actor, organisation: Organisation) -> Driver:
        serial = self.dice.randint(10**9, 10**10 - 1)
        command = AddDriver(
            organisation_id=organisation.id,
            name=self._name(),
            certificate_number=f"DEMO{serial}",
            certificate_valid_to=self.today + timedelta(days=self.dice.randint(420, 1_500)),
            phone=f"000-0000-{serial % 10_000:04d}",
        )
        return await registering.add_driver(self.session, operator, command, at=self.at)

    async def hire(
        self, organisation: Organisation, role: Role, *, printed_as: str | None = None, jurisdiction: str | None = None
    ) -> Actor:
        """Somebody who works there, with a key to sign with where his role signs."""
        name = self._name()
        login = printed_as or f"{role.value}-{organisation.credit_code[-6:].lower()}"
        password = self.password or secrets.token_urlsafe(12)
        command = Enrol(
            login=login,
            name=name,
            password=password,
            organisation_id=organisation.id,
            role=role,
            jurisdiction=jurisdiction,
        )
        membership_id = await install(self.session, command, at=self.at)
        person = await person_by_login(self.session, login)
        assert person is not None  # noqa: S101  has just been made
        if printed_as is not None:
            self.accounts.append(Account(role.value, login, name, organisation.name))
            self.passwords[login] = password
        viewer = viewer_for(role, organisation.id, jurisdiction)
        actor = Actor(person.id, name, organisation.id, membership_id, role, viewer)
        if role in _SIGNS:
            await self.keyring.give(self.session, actor, at=self.at)
        return actor

    def _name(self) -> str:
        return self.dice.choice(places.SURNAMES) + self.dice.choice(places.GIVEN_NAMES)

    def _address(self, place: Place) -> str:
        return f"{place.address}{self.dice.choice(places.STREETS)}{self.dice.randint(1, 299)}号"

    def _off_centre(self) -> Decimal:
        return Decimal(self.dice.randint(-40_000, 40_000)) / 1_000_000


def _romanised(stem: str) -> str:
    return "".join(lazy_pinyin(stem)).capitalize()
