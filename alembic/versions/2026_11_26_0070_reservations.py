"""Quantities of a permit that are set aside for a generator, and on what terms a receiver takes waste in.

What is set aside stands beside what is booked, on the same row: whoever locks the line of a permit for a year sees
both, so nothing is given twice. It lapses by time; a function lets it go, for those who reserve next may not touch what
is another's.

Revision ID: 0070
Revises: 0062
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0062"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_FIRM = "(select current_setting('wastetrack.viewer', true) like 'o:%')"
_BUSINESS = "(select current_setting('wastetrack.viewer', true) ~ '^[or]:')"
_OWN = f"organisation_id = {_ORGANISATION}"
_RESERVATION = (
    f"{_OWN} or (select true from sightings sight where sight.viewer = {_VIEWER} "
    "and sight.kind = 'reservation' and sight.subject_id = id)"
)
_OF_RESERVATION = "(select true from reservations of where of.id = reservation_id)"
_OWN_SITE = f"{_FIRM} and (select site.{_OWN} from sites site where site.id = site_id)"
# Table → command → condition; for update a pair of USING and WITH CHECK where they differ. Whoever
# reserves locks the terms.
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    "reservations": {"select": _RESERVATION, "insert": f"{_OWN} and {_FIRM}", "update": (_RESERVATION, _FIRM)},
    "reservation_uses": {
        "select": _OF_RESERVATION,
        "insert": f"{_FIRM} and {_OF_RESERVATION}",
        "update": (_OF_RESERVATION, _FIRM),
    },
    "intake_terms": {"select": _BUSINESS, "insert": _OWN_SITE, "update": (_BUSINESS, _OWN_SITE)},
    "intake_prices": {"select": _BUSINESS, "insert": _OWN_SITE, "update": (_OWN_SITE, _OWN_SITE), "delete": _OWN_SITE},
    "intake_days": {"select": _BUSINESS, "insert": _OWN_SITE, "update": (_OWN_SITE, _OWN_SITE), "delete": _OWN_SITE},
}
_REVOKED = {
    "reservations": "delete, truncate",
    "reservation_uses": "delete, truncate",
    "intake_terms": "delete, truncate",
    "intake_prices": "truncate",
    "intake_days": "truncate",
}
# What is over and was not let go yet: it counts for nobody.
_OVERDUE = """
create function reservations_overdue(seen_at timestamptz, items uuid[], of_year smallint)
returns table (permit_item_id uuid, grams bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select held.permit_item_id, sum(held.net_g - held.used_g)::bigint from reservations held
  where held.state = 'held' and held.until <= seen_at and held.permit_item_id = any (items) and held.year = of_year
  group by held.permit_item_id
$$
"""
# Lines before reservations, each in one order, as everybody locks them. Without items: all that is over.
_LAPSE = """
create function reservations_lapse(seen_at timestamptz, items uuid[], of_year smallint)
returns table (permit_item_id uuid, grams bigint)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform from permit_uses line where (line.permit_item_id, line.year) in (
    select held.permit_item_id, held.year from reservations held
    where held.state = 'held' and held.until <= seen_at
      and (items is null or held.permit_item_id = any (items) and held.year = of_year)
  ) order by line.permit_item_id, line.year for update;
  return query
  with gone as (
    update reservations held set state = 'lapsed', ended_at = held.until
    where held.state = 'held' and held.until <= seen_at
      and (items is null or held.permit_item_id = any (items) and held.year = of_year)
    returning held.permit_item_id as item, held.year as in_year, held.net_g - held.used_g as rest
  ), summed as (
    select gone.item, gone.in_year, sum(gone.rest)::bigint as rest from gone group by gone.item, gone.in_year
  ), lines as (
    update permit_uses line set held_g = line.held_g - summed.rest from summed
    where line.permit_item_id = summed.item and line.year = summed.in_year
  )
  select summed.item, summed.rest from summed order by summed.item;
end $$
"""
# Whose lapse has no event yet; the job looks with their eyes then.
_UNTOLD = """
create function reservations_untold(most integer) returns table (id uuid, organisation_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select held.id, held.organisation_id from reservations held
  where held.state = 'lapsed' and held.told_at is null order by held.organisation_id, held.until, held.id limit most
$$
"""
# How much of a site's days is set aside or filed already; a lapsed rest is nobody's.
_TAKEN = """
create function intake_taken(sites uuid[], from_day date, to_day date, seen_at timestamptz)
returns table (site_id uuid, day date, grams bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select held.receiver_site_id, held.planned_on,
    sum(case when held.state = 'held' and held.until > seen_at then held.net_g else held.used_g end)::bigint
  from reservations held
  where held.receiver_site_id = any (sites) and held.planned_on between from_day and to_day
  group by held.receiver_site_id, held.planned_on
$$
"""
# Only of those who take reservations, who are told that this is shown.
_STORAGE = """
create function intake_storage(sites uuid[]) returns table (site_id uuid, limit_g bigint, stands_g bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select terms.site_id,
    (select sum(store.limit_g)::bigint from stores store
      where store.site_id = terms.site_id and store.closed_at is null and store.parent_id is null),
    (select coalesce(sum(held.net_g), 0)::bigint from containers held
      where held.site_id = terms.site_id and held.state = 'at_site')
  from intake_terms terms where terms.site_id = any (sites) and terms.is_open
$$
"""
_FUNCTIONS = {
    "reservations_overdue(timestamptz, uuid[], smallint)": _OVERDUE,
    "reservations_lapse(timestamptz, uuid[], smallint)": _LAPSE,
    "reservations_untold(integer)": _UNTOLD,
    "intake_taken(uuid[], date, date, timestamptz)": _TAKEN,
    "intake_storage(uuid[])": _STORAGE,
}


def upgrade() -> None:
    """Make the tables, their policies, and what lapses."""
    op.add_column("permit_uses", sa.Column("held_g", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_check_constraint("ck_permit_uses_held", "permit_uses", "held_g >= 0")
    _reservations()
    _intake()
    for table, changes in _REVOKED.items():
        _run(f"grant select, insert, update, delete on {table} to {_APP}; revoke {changes} on {table} from {_APP}")
    for table, policies in _POLICIES.items():
        _run(f"alter table {table} enable row level security")
        for command, condition in policies.items():
            using, check = condition if isinstance(condition, tuple) else (condition, condition)
            parts = [f"create policy may_{command} on {table} for {command}"]
            if command != "insert":
                parts.append(f"using ({using})")
            if command in {"insert", "update"}:
                parts.append(f"with check ({check})")
            _run(" ".join(parts))
    for name, function in _FUNCTIONS.items():
        _run(function)
        _run(f"revoke execute on function {name} from public; grant execute on function {name} to {_APP}")


def downgrade() -> None:
    """Take them away."""
    for name in _FUNCTIONS:
        _run(f"drop function {name}")
    for table in ("reservation_uses", "reservations", "intake_days", "intake_prices", "intake_terms"):
        op.drop_table(table)
    op.drop_constraint("ck_permit_uses_held", "permit_uses")
    op.drop_column("permit_uses", "held_g")


def _reservations() -> None:
    op.create_table(
        "reservations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_site_id", sa.Uuid(), nullable=False),
        sa.Column("permit_item_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("waste_code", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("net_g", sa.BigInteger(), nullable=False),
        sa.Column("used_g", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("fen_per_t", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("reserved_by", sa.Uuid(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('held', 'used', 'lapsed', 'given_up', 'declined')", name="ck_reservations_state"
        ),
        sa.CheckConstraint("net_g > 0 and used_g between 0 and net_g", name="ck_reservations_masses"),
        sa.CheckConstraint("(state = 'held') = (ended_at is null)", name="ck_reservations_ended"),
        sa.CheckConstraint("state not in ('held', 'used') or (state = 'used') = (used_g = net_g)", name="ck_reservations_used"),
        sa.CheckConstraint("until > reserved_at", name="ck_reservations_until"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_reservations_organisation_id"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_reservations_site_id"),
        sa.ForeignKeyConstraint(["receiver_id"], ["organisations.id"], name="fk_reservations_receiver_id"),
        sa.ForeignKeyConstraint(["receiver_site_id"], ["sites.id"], name="fk_reservations_receiver_site_id"),
        sa.ForeignKeyConstraint(["permit_item_id"], ["permit_items.id"], name="fk_reservations_permit_item_id"),
        sa.ForeignKeyConstraint(["reserved_by"], ["people.id"], name="fk_reservations_reserved_by"),
        sa.PrimaryKeyConstraint("id", name="pk_reservations"),
    )  # fmt: skip
    op.create_index(
        "ix_reservations_held", "reservations", ["permit_item_id", "year", "until"],
        postgresql_where=sa.text("state = 'held'"),
    )  # fmt: skip
    op.create_index(
        "ix_reservations_untold", "reservations", ["organisation_id"],
        postgresql_where=sa.text("state = 'lapsed' and told_at is null"),
    )  # fmt: skip
    op.create_index("ix_reservations_organisation_id", "reservations", ["organisation_id", "reserved_at"])
    op.create_index("ix_reservations_receiver_site_id", "reservations", ["receiver_site_id", "planned_on"])
    op.create_table(
        "reservation_uses",
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("manifest_id", sa.Uuid(), nullable=False),
        sa.Column("used_g", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("used_g >= 0", name="ck_reservation_uses_used"),
        sa.ForeignKeyConstraint(["reservation_id"], ["reservations.id"], name="fk_reservation_uses_reservation_id"),
        sa.ForeignKeyConstraint(["manifest_id"], ["manifests.id"], name="fk_reservation_uses_manifest_id"),
        sa.PrimaryKeyConstraint("reservation_id", "manifest_id", name="pk_reservation_uses"),
    )
    op.create_index("ix_reservation_uses_manifest_id", "reservation_uses", ["manifest_id"])


def _intake() -> None:
    op.create_table(
        "intake_terms",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("hold_days", sa.SmallInteger(), nullable=False),
        sa.Column("most_g", sa.BigInteger(), nullable=True),
        sa.Column("contract_only", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("hold_days between 1 and 30", name="ck_intake_terms_hold_days"),
        sa.CheckConstraint("most_g > 0", name="ck_intake_terms_most"),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name="fk_intake_terms_site_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_intake_terms_organisation_id"),
        sa.ForeignKeyConstraint(["changed_by"], ["people.id"], name="fk_intake_terms_changed_by"),
        sa.PrimaryKeyConstraint("site_id", name="pk_intake_terms"),
    )
    op.create_table(
        "intake_prices",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("fen_per_t", sa.Integer(), nullable=False),
        sa.CheckConstraint("pattern ~ '^([0-9]{3}-[0-9]{3}-[0-9]{2}|HW[0-9]{2})$'", name="ck_intake_prices_pattern"),
        sa.CheckConstraint("method ~ '^([A-Z][0-9]{1,2})?$'", name="ck_intake_prices_method"),
        sa.ForeignKeyConstraint(["site_id"], ["intake_terms.site_id"], name="fk_intake_prices_site_id"),
        sa.PrimaryKeyConstraint("site_id", "pattern", "method", name="pk_intake_prices"),
    )
    op.create_table(
        "intake_days",
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("free_g", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("free_g >= 0", name="ck_intake_days_free"),
        sa.ForeignKeyConstraint(["site_id"], ["intake_terms.site_id"], name="fk_intake_days_site_id"),
        sa.PrimaryKeyConstraint("site_id", "day", name="pk_intake_days"),
    )


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
