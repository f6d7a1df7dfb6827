"""What must hold across manifests: numbers without gap, one open manifest per container, permits used as booked."""

from wastetrack.db.session import ReadSession
from wastetrack.manifests.model import OPEN
from wastetrack.reports.auditing.entries import count_rest
from wastetrack.reports.auditing.findings import MOST_KEPT, Fault, Finding, Report
from wastetrack.reports.auditing.moved import BY_ROAD, TAKEN, WITHDRAWN

_NUMBERS = """
with every as (
  select number from manifests where number ~ '^[0-9]{14}$'
  union select number from reserved_numbers
), given as (
  select substr(number, 1, 8) as series, substr(number, 9)::integer as serial,
    row_number() over (partition by substr(number, 1, 8) order by number) as place
  from every
), stretch as (
  select series, count(*) as given, max(serial) as highest, min(place) filter (where serial <> place) as wrong
  from given group by series
), counter as (
  select lpad(year::text, 4, '0') || prefecture as series, last from manifest_numbers
)
select count(*) over () as faults, series, coalesce(given, 0) as given, coalesce(highest, 0) as highest,
  coalesce(last, 0) as last, wrong
from stretch full join counter using (series)
where wrong is not null or coalesce(highest, 0) <> coalesce(last, 0) order by series limit $1
"""
_ON_TWO = """
select count(*) over () as faults, container_id, count(*) as manifests
from manifest_containers where open group by container_id having count(*) > 1 order by container_id limit $1
"""
_OPEN_LINES = """
select count(*) over () as faults, line.manifest_id, line.position, manifest.number, manifest.state
from manifest_containers line left join manifests manifest on manifest.id = line.manifest_id
where line.open and (manifest.id is null or manifest.state <> all($2::text[]))
order by line.manifest_id, line.position limit $1
"""
_UNCOVERED = """
select count(*) over () as faults, container.digital_code, container.id, container.manifest_id
from containers container
where container.state = 'in_transit' and not exists (
  select from manifest_containers line
  where line.container_id = container.id and line.manifest_id = container.manifest_id and line.open
)
order by container.id limit $1
"""
_USES = """
with booked as (
  select permit_item_id, year, sum(booked_g) as grams from permit_bookings group by 1, 2
)
select count(*) over () as faults, permit_item_id, year,
  coalesce(permit_uses.booked_g, 0) as used_g, coalesce(booked.grams, 0) as booked_g
from permit_uses full join booked using (permit_item_id, year)
where coalesce(permit_uses.booked_g, 0) <> coalesce(booked.grams, 0) order by permit_item_id, year limit $1
"""
_HELD = """
with held as (
  select permit_item_id, year, sum(net_g - used_g) as grams from reservations
  where state = 'held' and basis = 'permit' group by 1, 2
)
select count(*) over () as faults, permit_item_id, year,
  coalesce(permit_uses.held_g, 0) as line_g, coalesce(held.grams, 0) as held_g
from permit_uses full join held using (permit_item_id, year)
where coalesce(permit_uses.held_g, 0) <> coalesce(held.grams, 0) order by permit_item_id, year limit $1
"""
# A manifest that runs books record by record.
_BOOKINGS = f"""
with moved as ({BY_ROAD}
  union all
  select manifest_id, waste_code, received_g from manifest_totals
)
select count(*) over () as faults, booking.manifest_id, booking.waste_code, booking.booked_g,
  coalesce(moved.grams, 0) as moved_g
from permit_bookings booking left join moved using (manifest_id, waste_code)
join manifests of on of.id = booking.manifest_id
where of.purged_at is null and booking.booked_g <> coalesce(moved.grams, 0)
order by booking.manifest_id, booking.waste_code limit $1
"""  # noqa: S608  of constants


async def check_numbers(session: ReadSession, report: Report) -> None:
    """Serials of each prefecture and year run from 1 without gap up to what the counter says."""
    rows = await (await session.driver()).fetch(_NUMBERS, MOST_KEPT)
    for row in rows:
        missing = row["wrong"] or row["highest"] + 1
        facts = {"last": row["last"], "given": row["given"], "highest": row["highest"]}
        message = "{row}: serial {expected} is left out; {given} are given up to {highest}, the counter says {last}."
        name = f"numbers {row['series']}"
        report.add(Finding(Fault.NUMBER_GAP, name, message, f"{missing:06d}", None, dict(facts)))
    count_rest(report, Fault.NUMBER_GAP, rows)


async def check_lines(session: ReadSession, report: Report) -> None:
    """A container is on one open manifest at most, and on one exactly while it travels."""
    driver = await session.driver()
    rows = await driver.fetch(_ON_TWO, MOST_KEPT)
    for row in rows:
        message = "{row} is on {found} open manifests at once."
        report.add(Finding(Fault.CONTAINER_ON_TWO, f"container {row['container_id']}", message, 1, row["manifests"]))
    count_rest(report, Fault.CONTAINER_ON_TWO, rows)
    rows = await driver.fetch(_OPEN_LINES, MOST_KEPT, sorted(state.value for state in OPEN))
    for row in rows:
        name = f"manifest {row['number'] or '—'} ({row['manifest_id']}), line {row['position']}"
        message = "{row} is open, yet the manifest is {found}."
        report.add(Finding(Fault.LINE_OPEN, name, message, None, row["state"]))
    count_rest(report, Fault.LINE_OPEN, rows)
    rows = await driver.fetch(_UNCOVERED, MOST_KEPT)
    for row in rows:
        name = f"container {row['digital_code']} ({row['id']})"
        message = "{row} travels on manifest {expected}, which has no open line for it."
        report.add(Finding(Fault.LINE_OPEN, name, message, str(row["manifest_id"])))
    count_rest(report, Fault.LINE_OPEN, rows)


async def check_permits(session: ReadSession, report: Report) -> None:
    """Permit lines are used by the sum of their bookings, and bookings are the masses that move."""
    driver = await session.driver()
    rows = await driver.fetch(_USES, MOST_KEPT)
    for row in rows:
        name = f"permit line {row['permit_item_id']} in {row['year']}"
        message = "{row} is used by {found} g; its bookings add to {expected} g."
        report.add(Finding(Fault.PERMIT_USE_WRONG, name, message, int(row["booked_g"]), int(row["used_g"])))
    count_rest(report, Fault.PERMIT_USE_WRONG, rows)
    await _check_held(session, report)
    rows = await driver.fetch(_BOOKINGS, MOST_KEPT, WITHDRAWN, TAKEN)
    for row in rows:
        name = f"booking of manifest {row['manifest_id']} for {row['waste_code']}"
        message = "{row} is {found} g; the manifest moves {expected} g."
        report.add(Finding(Fault.BOOKING_WRONG, name, message, int(row["moved_g"]), row["booked_g"]))
    count_rest(report, Fault.BOOKING_WRONG, rows)


async def _check_held(session: ReadSession, report: Report) -> None:
    """What lines set aside is what their reservations hold."""
    rows = await (await session.driver()).fetch(_HELD, MOST_KEPT)
    for row in rows:
        name = f"permit line {row['permit_item_id']} in {row['year']}"
        message = "{row} holds {found} g for reservations; they add to {expected} g."
        report.add(Finding(Fault.PERMIT_USE_WRONG, name, message, int(row["held_g"]), int(row["line_g"])))
    count_rest(report, Fault.PERMIT_USE_WRONG, rows)
