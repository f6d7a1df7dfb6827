"""A device of a gate and a scan that waits, for the table of access."""

from sqlalchemy import text

from tests.support.gates import PersonKey
from tests.support.world import World
from wastetrack import clock
from wastetrack.db.session import WriteSession
from wastetrack.gates.enrolling import enrol_device
from wastetrack.gates.model import EnrolDevice
from wastetrack.ids import new_id

Things = dict[str, str]
_WAITS = """
insert into gate_scans (id, device_id, membership_id, organisation_id, site_id, manifest_id, digital_code, said, told,
  state, rules, happened_at, recorded_at)
values (:id, :device, :membership, :organisation, :site, :manifest, '', jsonb_build_object('happened_at', now()),
  'accepted', 'to_decide', '[]', now(), now())
"""


async def things_of_gate(session: WriteSession, world: World) -> Things:
    """Of the workshop of this world: two devices, a scan for each way to decide."""
    owner, site = world.generator.owner, world.generator.site
    devices = []
    for name in ("一号门", "二号门"):
        command = EnrolDevice(site_id=site.id, name=name, public_key=PersonKey().public)
        devices.append(await enrol_device(session, owner, command, holds_key=False, at=clock.now()))
    scans = []
    for _ in range(2):
        scans.append(new_id())
        facts = {
            "id": scans[-1],
            "device": devices[0].row.id,
            "membership": owner.membership_id,
            "organisation": owner.organisation_id,
            "site": site.id,
            "manifest": None,
        }
        await session.execute(text(_WAITS), facts)
    return {
        "device": str(devices[0].row.id),
        "gate_token": devices[0].token,
        "ended_device": str(devices[1].row.id),
        "scan": str(scans[0]),
        "other_scan": str(scans[1]),
    }
