"""Who takes part in single stories of the region beside those who live through its year."""

from dataclasses import dataclass

from wastetrack.auth.model import Actor, Role
from wastetrack.cli.demonstration import places
from wastetrack.cli.demonstration.firms import FLY_ASH, PlantFacts, Trade
from wastetrack.cli.demonstration.founding import Founding
from wastetrack.cli.demonstration.members import Cast, Firm, Plant, Shipper
from wastetrack.cli.demonstration.places import Place
from wastetrack.cli.demonstration.planning import Way
from wastetrack.mass import Mass
from wastetrack.parties.commands import GrantPermit, ItemToGrant
from wastetrack.parties.model import OrganisationKind, SiteKind
from wastetrack.parties.permits import PermitKind
from wastetrack.parties.permitting import grant_permit
from wastetrack.plans.model import ReceiverKind, TransferKind

ACID, SLUDGE, DEGREASER, PICKLING = "900-300-34", "336-064-17", "336-063-17", "336-054-17"
IRON_DRUMS = "900-249-08"
SCRAP = "900-001-S17"
"""Scrap steel, which is general industrial waste (固体废物分类与代码目录)."""
_FLY_ASH_TONNES = (550, 500)
_SILO_TONNES = 300
"""What a refuse incinerator can keep of it."""
_PIPED_TONNES = 200
"""Spent acid of the works whose acid goes to the plant by pipe, in a year that it begins late."""
_JIANGSU = "32"
_ACROSS = PlantFacts(
    *("jiangsu", places.XUANWU, "南京紫云表面处理废物处置有限公司", "Ziyun Surface Waste Treatment"),
    *(PermitKind.COMPREHENSIVE, SiteKind.TREATMENT),
    items=(("HW17", "D9", 20_000), ("HW34", "D9", 8_000)),
    residues=(),
    stores=(("表面处理废物库", 300),),
    every_days=0,
)
_YEARS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Guests:
    """Everybody whom a story needs by name."""

    platform: Actor
    approver: Actor
    """Of Shandong."""
    neighbour: Actor
    """Of Jiangsu, the province next door."""
    works: Shipper
    """The electroplater whose people have printed accounts."""
    hospital: Shipper
    nurse: Actor
    collector: Actor
    centre: Firm
    """A township's health centre, at which village clinics hand over."""
    across: Plant
    """A plant in Jiangsu."""
    user: Firm
    """Uses spent acid by an approval for two firms."""
    sister: Firm
    """Of the works' own group."""
    steelworks: Firm
    """Uses scrap, and iron drums under the exemption list."""
    late: Firm
    """Has filed no plan."""
    burners: tuple[Firm, Firm]
    """Burn refuse; their fly ash is hazardous."""

    def ways(self, cast: Cast) -> dict[Firm, list[Way]]:
        """What these stories send to whom, beside what the year may bring; all of it is planned and contracted."""
        approved, exempt = ReceiverKind.APPROVED_USER, ReceiverKind.EXEMPT_USER
        across = [
            Way(code, self.across, "D9", kind=TransferKind.ACROSS) for code in (SLUDGE, DEGREASER, PICKLING, ACID)
        ]
        medical = cast.plants["medical"]
        return {
            self.works: [
                *across,
                Way(ACID, self.user, "R6", receiver_kind=approved),
                Way(PICKLING, self.sister, "R4", receiver_kind=approved),
                Way(SCRAP, self.steelworks, "R4"),
            ],
            cast.shipper(Trade.GARAGE, places.ZHIFU): [Way(IRON_DRUMS, self.steelworks, "R4", receiver_kind=exempt)],
            cast.shipper(Trade.ELECTROPLATER, places.TIANQIAO): [
                Way(ACID, cast.plants["physico"], "D9", tonnes=_PIPED_TONNES)
            ],
            self.centre: [Way(code, medical, "Y11") for code in ("841-001-01", "841-002-01")],
            **{
                burner: [Way(FLY_ASH, cast.plants["landfill"], "D1", tonnes=tonnes)]
                for burner, tonnes in zip(self.burners, _FLY_ASH_TONNES, strict=True)
            },
        }


async def invite(founding: Founding, cast: Cast) -> Guests:
    """Register and hire all of them; the hospital of the story gets its nurse and its collector."""
    operator, hospital = founding.operator, cast.shipper(Trade.HOSPITAL, places.ZHIFU)
    office = await founding.organisation(
        operator,
        name="江苏省生态环境厅（演示）",
        name_en="Jiangsu Ecology and Environment (demonstration)",
        kind=OrganisationKind.REGULATOR,
        place=places.XUANWU,
        head="11",
        jurisdiction=_JIANGSU,
    )
    neighbour = await founding.hire(office, Role.APPROVER, printed_as="neighbour", jurisdiction=_JIANGSU)
    nurse = await founding.hire(hospital.organisation, Role.FILER, printed_as="nurse")
    collector = await founding.hire(hospital.organisation, Role.FILER, printed_as="collector")
    hospital.people[Role.FILER] = nurse
    generator, disposer = OrganisationKind.GENERATOR, OrganisationKind.DISPOSER
    return Guests(
        platform=operator,
        approver=founding.approver,
        neighbour=neighbour,
        works=cast.shippers[0],
        hospital=hospital,
        nurse=nurse,
        collector=collector,
        centre=await _firm(
            founding, places.ZHIFU, "烟台苇塘镇卫生院", generator, head="12", kind_of_site=SiteKind.MEDICAL
        ),
        across=await _across(founding, neighbour),
        user=await _firm(founding, places.ZHIFU, "烟台净泉水处理剂有限公司", disposer),
        sister=await _firm(founding, places.LAISHAN, "烟台云杉溪金属回收有限公司", disposer),
        steelworks=await _firm(founding, places.WEICHENG, "潍坊炉火岭特钢有限公司", disposer),
        late=await _firm(founding, places.ZHIFU, "烟台新芽喷涂有限公司", generator),
        burners=(
            await _firm(founding, places.ZHIFU, "烟台晨炉生活垃圾焚烧发电有限公司", generator, tonnes=_SILO_TONNES),
            await _firm(founding, places.WEICHENG, "潍坊暖岸生活垃圾焚烧发电有限公司", generator, tonnes=_SILO_TONNES),
        ),
    )


async def _firm(
    founding: Founding,
    place: Place,
    name: str,
    kind: OrganisationKind,
    *,
    head: str = "91",
    kind_of_site: SiteKind | None = None,
    tonnes: int = 60,
) -> Firm:
    organisation = await founding.organisation(
        founding.operator, name=name, name_en=name, kind=kind, place=place, head=head
    )
    medical = kind_of_site is SiteKind.MEDICAL
    site = await founding.site(
        founding.operator, organisation, place, "院区" if medical else "厂区", kind_of_site or SiteKind.PRODUCTION
    )
    stores = await founding.stores(founding.operator, site, (("暂存间", 3 if medical else tonnes),))
    people = {Role.OWNER: await founding.hire(organisation, Role.OWNER)}
    return Firm(
        organisation=organisation, place=place, site=site, people=people, keyring=founding.keyring, stores=stores
    )


async def _across(founding: Founding, approver: Actor) -> Plant:
    """The plant next door, by a permit of its own province."""
    facts = _ACROSS
    organisation = await founding.organisation(
        founding.operator,
        name=facts.name,
        name_en=facts.name_en,
        kind=OrganisationKind.DISPOSER,
        place=facts.place,
        head="91",
    )
    site = await founding.site(founding.operator, organisation, facts.place, "处置场", facts.site_kind)
    permit = GrantPermit(
        organisation_id=organisation.id,
        site_id=site.id,
        number="苏危证（演示）1号",
        kind=facts.kind,
        valid_from=founding.today.replace(day=1),
        valid_to=founding.today.replace(year=founding.today.year + _YEARS, day=1),
        items=tuple(
            ItemToGrant(pattern=pattern, methods=frozenset({method}), yearly=Mass.parse(f"{tonnes} t"))
            for pattern, method, tonnes in facts.items
        ),
    )
    await grant_permit(founding.session, approver, permit, at=founding.at)
    return Plant(
        organisation=organisation,
        place=facts.place,
        site=site,
        people={Role.OWNER: await founding.hire(organisation, Role.OWNER)},
        keyring=founding.keyring,
        stores=await founding.stores(founding.operator, site, facts.stores),
        facts=facts,
    )
