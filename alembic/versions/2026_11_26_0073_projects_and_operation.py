"""Planned projects, outages of plants, forecasts that were made; and sums by which plants are judged.

The three functions ask once whose site it is, as mass_balance does, and give nothing but sums of it.

Revision ID: 0073
Revises: 0072
"""
# ruff: noqa: S608  the statements are put together from constants of this file

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_OWN = "organisation_id = (select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_WATCHES = (
    f"(select {_VIEWER} = any (array['r:' || left(firm.region_code, 2), 'r:' || left(firm.region_code, 4), "
    "'r:' || firm.region_code]) from organisations firm where firm.id = organisation_id)"
)
_AUTHORITY = "(select current_setting('wastetrack.viewer', true) like 'r:%')"
_OF_FIRM = f"{_OWN} or {_WATCHES}"
_MINE = "(select project.{own} from planned_projects project where project.id = project_id) and {authority}"

_KINDS = "'hazardous_disposal', 'hazardous_use', 'medical_disposal', 'collection', 'general_use', 'supervision'"
_STATES = "'proposed', 'approved', 'building', 'trial', 'running', 'dropped'"
_CAUSES = "'maintenance', 'breakdown', 'ordered', 'no_waste', 'rebuilding', 'other'"

_SITES = """
  mine as materialized (
    select site.id, site.region_code, site.organisation_id from sites site
    where site.region_code like of_region || '%'
      and (site.organisation_id = own_firm or eyes = any (array['r:' || left(site.region_code, 2),
        'r:' || left(site.region_code, 4), 'r:' || site.region_code]))
  )
"""
_HEAD = """
language plpgsql stable security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  eyes constant text := current_setting('wastetrack.viewer', true);
  own_firm constant uuid := nullif(current_setting('wastetrack.organisation', true), '')::uuid;
begin
  return query
"""
# What a site made, month by month of the law; what was there when records began is not made in that month.
_GENERATION = f"""
create function generation_by_month(since timestamptz, until timestamptz, of_region text)
returns table (region_code text, waste_code text, month date, grams bigint)
{_HEAD}
  with {_SITES}
  select mine.region_code, made.waste_code,
    date_trunc('month', entry.happened_at at time zone 'Asia/Shanghai')::date, (-sum(posting.amount_g))::bigint
  from mine join accounts made on made.holder_id = mine.id and made.kind = 'generated'
  join postings posting on posting.account_id = made.id join entries entry on entry.id = posting.entry_id
  where entry.happened_at >= since and entry.happened_at < until
  group by 1, 2, 3;
end $$
"""
# By plant and fact: `treated` by method, `days` on which something was; `stock` by kind of entry and direction, as
# mass_balance has it; `taken` and `refused` at the gate with the number of containers; `standing` now by code with the
# days of its oldest, and `old`: what of it has stood for longer than `old_days`, with the number of containers.
_OPERATION = f"""
create function plant_operation(since timestamptz, until timestamptz, of_region text, old_days integer)
returns table (site_id uuid, fact text, detail text, grams bigint, counted bigint)
{_HEAD}
  with {_SITES}, plants as materialized (
    select mine.id from mine join sites site on site.id = mine.id where site.kind = 'treatment'
  )
  select plants.id, 'treated', done.detail, sum(posting.amount_g)::bigint,
    count(distinct (entry.happened_at at time zone 'Asia/Shanghai')::date)
  from plants join accounts done on done.holder_id = plants.id and done.kind = 'treated'
  join postings posting on posting.account_id = done.id join entries entry on entry.id = posting.entry_id
  where entry.happened_at >= since and entry.happened_at < until
  group by 1, 3
  union all
  select plants.id, 'days', '', null, count(distinct (entry.happened_at at time zone 'Asia/Shanghai')::date)
  from plants join accounts done on done.holder_id = plants.id and done.kind = 'treated'
  join postings posting on posting.account_id = done.id join entries entry on entry.id = posting.entry_id
  where entry.happened_at >= since and entry.happened_at < until
  group by 1
  union all
  select plants.id, 'stock', coalesce(reversed.kind, entry.kind) || case
      when (posting.amount_g > 0) = (reversed.id is null) then '+' else '-' end, sum(posting.amount_g)::bigint, null
  from plants join accounts held on held.holder_id = plants.id and held.kind = 'stored'
  join postings posting on posting.account_id = held.id join entries entry on entry.id = posting.entry_id
  left join entries reversed on reversed.id = entry.reverses_id
  where entry.happened_at >= since and entry.happened_at < until
  group by 1, 3
  union all
  select plants.id, case when line.outcome in ('accepted', 'accepted_with_difference') then 'taken' else 'refused' end,
    '', sum(line.declared_g)::bigint, count(*)
  from plants join manifests paper on paper.receiver_site_id = plants.id
  join manifest_containers line on line.manifest_id = paper.id
  where paper.received_at >= since and paper.received_at < until and paper.kind <> 'return'
    and line.outcome in ('accepted', 'accepted_with_difference', 'rejected', 'not_permitted')
  group by 1, 2
  union all
  select plants.id, 'standing', held.waste_code, sum(held.net_g)::bigint,
    max(greatest(extract(day from until - coalesce(held.stands_since, held.created_at)), 0))::bigint
  from plants join containers held on held.site_id = plants.id and held.state = 'at_site'
  group by 1, 3
  union all
  select plants.id, 'old', held.waste_code, sum(held.net_g)::bigint, count(*)
  from plants join containers held on held.site_id = plants.id and held.state = 'at_site'
  where coalesce(held.stands_since, held.created_at) < until - make_interval(days => old_days)
  group by 1, 3;
end $$
"""
# What nobody takes: by code what stands anywhere in the region for longer than `old_days`, and with how many sites.
_LONG_STORED = f"""
create function long_stored(until timestamptz, of_region text, old_days integer)
returns table (waste_code text, grams bigint, sites bigint, oldest_days bigint)
{_HEAD}
  with {_SITES}
  select held.waste_code, sum(held.net_g)::bigint, count(distinct held.site_id),
    max(extract(day from until - coalesce(held.stands_since, held.created_at)))::bigint
  from mine join containers held on held.site_id = mine.id and held.state = 'at_site'
  where coalesce(held.stands_since, held.created_at) < until - make_interval(days => old_days)
  group by 1;
end $$
"""
_FUNCTIONS = ("generation_by_month", "plant_operation", "long_stored")


def upgrade() -> None:
    """Make the tables, their policies and the functions."""
    _projects()
    _outages()
    _forecasts()
    for table, verbs in (
        ("planned_projects", "select, insert, update"),
        ("planned_project_items", "select, insert, delete"),
        ("plant_outages", "select, insert, update"),
        ("capacity_forecasts", "select, insert"),
    ):
        _run(f"alter table {table} enable row level security; grant {verbs} on {table} to {_APP}")
    _run(f"create policy may_select on planned_projects for select using ({_AUTHORITY})")
    _run(f"create policy may_insert on planned_projects for insert with check ({_OWN} and {_AUTHORITY})")
    _run(
        f"create policy may_update on planned_projects for update using ({_AUTHORITY}) with check ({_OWN} and {_AUTHORITY})"
    )
    mine = _MINE.format(own=_OWN, authority=_AUTHORITY)
    _run(f"create policy may_select on planned_project_items for select using ({_AUTHORITY})")
    _run(f"create policy may_insert on planned_project_items for insert with check ({mine})")
    _run(f"create policy may_delete on planned_project_items for delete using ({mine})")
    _run(f"create policy may_select on plant_outages for select using ({_OF_FIRM})")
    _run(f"create policy may_insert on plant_outages for insert with check ({_OF_FIRM})")
    _run(f"create policy may_update on plant_outages for update using ({_OF_FIRM}) with check ({_OF_FIRM})")
    _run(f"create policy may_select on capacity_forecasts for select using ({_OWN} and {_AUTHORITY})")
    _run(f"create policy may_insert on capacity_forecasts for insert with check ({_OWN} and {_AUTHORITY})")
    for function, made in zip(_FUNCTIONS, (_GENERATION, _OPERATION, _LONG_STORED), strict=True):
        _run(made)
        _run(f"revoke execute on function {function} from public; grant execute on function {function} to {_APP}")


def downgrade() -> None:
    """Take them away."""
    for function in _FUNCTIONS:
        _run(f"drop function {function}")
    for table in ("capacity_forecasts", "plant_outages", "planned_project_items", "planned_projects"):
        op.drop_table(table)


def _projects() -> None:
    op.create_table(
        "planned_projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("builder", sa.Text(), nullable=False),
        sa.Column("region_code", sa.Text(), nullable=False),
        sa.Column("longitude", sa.Numeric(9, 6), nullable=False),
        sa.Column("latitude", sa.Numeric(9, 6), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"kind in ({_KINDS})", name="ck_planned_projects_kind"),
        sa.CheckConstraint(f"state in ({_STATES})", name="ck_planned_projects_state"),
        sa.CheckConstraint("name <> ''", name="ck_planned_projects_name"),
        sa.CheckConstraint("region_code ~ '^[1-9][0-9]{5}$'", name="ck_planned_projects_region_code"),
        sa.CheckConstraint("longitude between -180 and 180", name="ck_planned_projects_longitude"),
        sa.CheckConstraint("latitude between -90 and 90", name="ck_planned_projects_latitude"),
        sa.CheckConstraint("version >= 1", name="ck_planned_projects_version"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_planned_projects_organisation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_planned_projects_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_planned_projects"),
        sa.UniqueConstraint("organisation_id", "name", name="uq_planned_projects_organisation_id_name"),
    )
    op.create_index(
        "ix_planned_projects_region_code", "planned_projects", ["region_code"],
        postgresql_ops={"region_code": "text_pattern_ops"},
    )  # fmt: skip
    op.create_table(
        "planned_project_items",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("methods", ARRAY(sa.Text()), nullable=False),
        sa.Column("yearly_g", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "pattern ~ '^([0-9]{3}-[0-9]{3}-[0-9]{2}|HW[0-9]{2})$'", name="ck_planned_project_items_pattern"
        ),
        sa.CheckConstraint("cardinality(methods) > 0", name="ck_planned_project_items_methods"),
        sa.CheckConstraint("yearly_g > 0", name="ck_planned_project_items_yearly_g"),
        sa.ForeignKeyConstraint(["project_id"], ["planned_projects.id"], name="fk_planned_project_items_project_id"),
        sa.PrimaryKeyConstraint("project_id", "position", name="pk_planned_project_items"),
        sa.UniqueConstraint("project_id", "pattern", name="uq_planned_project_items_project_id_pattern"),
    )


def _outages() -> None:
    op.create_table(
        "plant_outages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("remarks", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"cause in ({_CAUSES})", name="ck_plant_outages_cause"),
        sa.CheckConstraint("percent between 1 and 100", name="ck_plant_outages_percent"),
        sa.CheckConstraint("to_on >= from_on", name="ck_plant_outages_to_on"),
        sa.ForeignKeyConstraint(
            ["site_id", "organisation_id"],
            ["sites.id", "sites.organisation_id"],
            name="fk_plant_outages_site_id_organisation_id",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_plant_outages_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plant_outages"),
    )
    op.create_index("ix_plant_outages_site_id_from_on", "plant_outages", ["site_id", "from_on"])


def _forecasts() -> None:
    op.create_table(
        "capacity_forecasts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("known_until", sa.Date(), nullable=False),
        sa.Column("content", JSONB(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("region ~ '^([0-9]{2}){1,3}$'", name="ck_capacity_forecasts_region"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_capacity_forecasts_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_capacity_forecasts_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_capacity_forecasts"),
    )
    op.create_index(
        "ix_capacity_forecasts_organisation_id_region_created_at", "capacity_forecasts",
        ["organisation_id", "region", "created_at"],
    )  # fmt: skip


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
