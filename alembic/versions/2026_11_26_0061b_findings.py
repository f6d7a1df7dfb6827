"""What the checks found, as something that people work on: runs, rules as they ran, findings, their facts and history.

An authority sees a finding whose subject or party lies in its region; firms see none. The checks write with eyes of
their own (`c`), which see findings and the register and nothing else of the business; from the register the functions
below tell them which authorities are to be shown what.

Revision ID: 0061b
Revises: 0061
"""

# ruff: noqa: S608  the statements are put together from constants of this file

from alembic import op

revision = "0061b"
down_revision = "0061"
branch_labels = None
depends_on = None

_APP = "wastetrack_app"
_VIEWER = "(select current_setting('wastetrack.viewer', true))"
_ORGANISATION = "(select nullif(current_setting('wastetrack.organisation', true), '')::uuid)"
_PERSON = "(select nullif(current_setting('wastetrack.person', true), '')::uuid)"
_CHECKS = "(select current_setting('wastetrack.viewer', true) = 'c')"
_AUTHORITY = "(select current_setting('wastetrack.viewer', true) like 'r:%')"
_KNOWS = "(select current_setting('wastetrack.viewer', true) ~ '^(r:|[cp]$)')"
_SETS = "(select current_setting('wastetrack.viewer', true) in ('c', 'p'))"
_SEEN = (
    f"{_CHECKS} or (select true from sightings sight where sight.viewer = {_VIEWER} and sight.kind = 'finding' "
    "and sight.subject_id = id)"
)
_OF_FINDING = "(select true from findings of where of.id = finding_id)"
_OWN_ACT = f"({_AUTHORITY} and person_id = {_PERSON} and organisation_id = {_ORGANISATION} and {_OF_FINDING})"

_TABLES = (
    """create table check_runs (
  id uuid not null,
  kind text not null,
  digest text not null,
  as_of timestamptz not null,
  log_size bigint,
  published_at timestamptz not null,
  seconds double precision not null,
  opened integer not null,
  grown integer not null,
  reopened integer not null,
  lapsed integer not null,
  unplaced integer not null,
  constraint pk_check_runs primary key (id),
  constraint ck_check_runs_kind check (kind in ('full', 'urgent')),
  constraint ck_check_runs_digest check (digest ~ '^[0-9a-f]{64}$'),
  constraint uq_check_runs_digest unique (digest)
)""",
    "create index ix_check_runs_kind_as_of on check_runs (kind, as_of)",
    """create table check_rules (
  rule text not null,
  version integer not null,
  position integer not null,
  title text not null,
  queue text not null,
  severity smallint not null,
  formula text not null,
  numbers jsonb not null,
  needs text[] not null,
  detectable text not null,
  false_alarms text not null,
  innocent text[] not null,
  next_step text not null,
  article text not null,
  urgent boolean not null,
  chance double precision not null,
  copied_at timestamptz not null,
  constraint pk_check_rules primary key (rule, version),
  constraint ck_check_rules_queue check (queue in ('integrity', 'eligibility', 'transit', 'skim',
    'facility', 'laundering', 'generator', 'documents', 'quality')),
  constraint ck_check_rules_severity check (severity between 1 and 4),
  constraint ck_check_rules_chance check (chance > 0 and chance < 1)
)""",
    """create table check_run_rules (
  run_id uuid not null,
  rule text not null,
  version integer not null,
  answer text not null,
  lacking text[] not null,
  found integer not null,
  at_risk_g bigint not null,
  seconds double precision not null,
  constraint pk_check_run_rules primary key (run_id, rule),
  constraint ck_check_run_rules_answer check (answer in ('found', 'nothing', 'no_data')),
  constraint ck_check_run_rules_found check ((answer = 'found') = (found > 0)),
  constraint fk_check_run_rules_rule_version foreign key (rule, version) references check_rules (rule, version),
  constraint fk_check_run_rules_run_id foreign key (run_id) references check_runs (id)
)""",
    """create table findings (
  id uuid not null,
  rule text not null,
  version integer not null,
  queue text not null,
  severity smallint not null,
  subject_kind text not null,
  subject_id text not null,
  party_id text,
  since_at timestamptz not null,
  found_at timestamptz not null,
  latest_at timestamptz not null,
  at_risk_g bigint not null,
  told_g bigint not null,
  statistic double precision not null,
  threshold double precision not null,
  facts jsonb not null,
  numbers jsonb not null,
  evidence double precision default '0' not null,
  state text not null,
  snoozed_until date,
  outcome text,
  closed_at timestamptz,
  lapsed_at timestamptz,
  opened_at timestamptz not null,
  first_run_id uuid not null,
  last_run_id uuid not null,
  last_as_of timestamptz not null,
  constraint pk_findings primary key (id),
  constraint ck_findings_queue check (queue in ('integrity', 'eligibility', 'transit', 'skim',
    'facility', 'laundering', 'generator', 'documents', 'quality')),
  constraint ck_findings_state check (state in ('open', 'snoozed', 'closed')),
  constraint ck_findings_outcome check (
    outcome is null or outcome in ('confirmed', 'explained', 'data_error', 'unfounded')),
  constraint ck_findings_severity check (severity between 1 and 4),
  constraint ck_findings_grams check (at_risk_g >= 0 and told_g >= 0),
  constraint ck_findings_closed check ((state = 'closed') = (outcome is not null and closed_at is not null)),
  constraint ck_findings_snoozed check ((state = 'snoozed') = (snoozed_until is not null)),
  constraint ck_findings_hard_is_shown check (
    not (state = 'snoozed' and severity >= 3 and queue in ('integrity', 'eligibility'))),
  constraint fk_findings_rule_version foreign key (rule, version) references check_rules (rule, version),
  constraint uq_findings_rule_subject_kind_subject_id unique (rule, subject_kind, subject_id),
  constraint fk_findings_first_run_id foreign key (first_run_id) references check_runs (id),
  constraint fk_findings_last_run_id foreign key (last_run_id) references check_runs (id)
)""",
    "create index ix_findings_party_id on findings (party_id)",
    "create index ix_findings_queue_live on findings (queue) where state <> 'closed'",
    "create index ix_findings_subject_id on findings (subject_id)",
    """create table finding_facts (
  finding_id uuid not null,
  position integer not null,
  since_at timestamptz not null,
  found_at timestamptz not null,
  severity smallint not null,
  at_risk_g bigint not null,
  statistic double precision not null,
  threshold double precision not null,
  facts jsonb not null,
  first_run_id uuid not null,
  last_run_id uuid not null,
  constraint pk_finding_facts primary key (finding_id, position),
  constraint fk_finding_facts_finding_id foreign key (finding_id) references findings (id),
  constraint fk_finding_facts_first_run_id foreign key (first_run_id) references check_runs (id),
  constraint fk_finding_facts_last_run_id foreign key (last_run_id) references check_runs (id)
)""",
    """create table finding_history (
  id uuid not null,
  finding_id uuid not null,
  step text not null,
  happened_at timestamptz not null,
  run_id uuid,
  person_id uuid,
  organisation_id uuid,
  event_id uuid,
  outcome text,
  told jsonb not null,
  constraint pk_finding_history primary key (id),
  constraint ck_finding_history_step check (step in ('opened', 'merged', 'grew', 'lapsed', 'found_again',
    'reopened', 'woken', 'snoozed', 'closed', 'taken_back', 'case_taken')),
  constraint ck_finding_history_outcome check (
    outcome is null or outcome in ('confirmed', 'explained', 'data_error', 'unfounded')),
  constraint ck_finding_history_closed_with_outcome check ((step = 'closed') = (outcome is not null)),
  constraint ck_finding_history_act_in_the_log check ((person_id is null) = (event_id is null)),
  constraint fk_finding_history_finding_id foreign key (finding_id) references findings (id),
  constraint fk_finding_history_run_id foreign key (run_id) references check_runs (id),
  constraint fk_finding_history_person_id foreign key (person_id) references people (id),
  constraint fk_finding_history_organisation_id foreign key (organisation_id) references organisations (id)
)""",
    "create index ix_finding_history_finding_id_id on finding_history (finding_id, id)",
    "create index ix_finding_history_happened_at on finding_history (happened_at)",
    """create table check_queues (
  viewer text not null,
  queue text not null,
  weekly_budget integer not null,
  set_by uuid not null,
  set_at timestamptz not null,
  constraint pk_check_queues primary key (viewer, queue),
  constraint ck_check_queues_queue check (queue in ('integrity', 'eligibility', 'transit', 'skim',
    'facility', 'laundering', 'generator', 'documents', 'quality')),
  constraint ck_check_queues_weekly_budget check (weekly_budget between 0 and 500),
  constraint fk_check_queues_set_by foreign key (set_by) references people (id)
)""",
    """create table check_parameters (
  rule text not null,
  name text not null,
  value double precision not null,
  why text not null,
  set_at timestamptz not null,
  constraint pk_check_parameters primary key (rule, name),
  constraint ck_check_parameters_why check (why <> '')
)""",
)
# Table → command → condition; for update a pair of USING and WITH CHECK where they differ.
_POLICIES: dict[str, dict[str, str | tuple[str, str]]] = {
    "check_runs": {"select": _KNOWS, "insert": _CHECKS, "update": (_KNOWS, _CHECKS)},
    "check_run_rules": {"select": _KNOWS, "insert": _CHECKS, "update": (_KNOWS, _CHECKS)},
    "check_rules": {"select": _KNOWS, "insert": _CHECKS, "update": (_KNOWS, _CHECKS)},
    "check_parameters": {"select": _KNOWS, "insert": _SETS, "update": (_KNOWS, _SETS), "delete": _SETS},
    "check_queues": {
        "select": f"viewer = {_VIEWER}",
        "insert": f"viewer = {_VIEWER} and {_AUTHORITY} and set_by = {_PERSON}",
        "update": (f"viewer = {_VIEWER}", f"viewer = {_VIEWER} and {_AUTHORITY} and set_by = {_PERSON}"),
    },
    "findings": {"select": _SEEN, "insert": _CHECKS, "update": (_SEEN, f"{_CHECKS} or {_AUTHORITY}")},
    "finding_facts": {"select": _OF_FINDING, "insert": _CHECKS, "update": (_OF_FINDING, _CHECKS)},
    "finding_history": {"select": _OF_FINDING, "insert": f"{_CHECKS} or {_OWN_ACT}"},
}
_REVOKED = {
    "check_runs": "delete, truncate",
    "check_run_rules": "delete, truncate",
    "check_rules": "delete, truncate",
    "check_parameters": "truncate",
    "check_queues": "delete, truncate",
    "findings": "delete, truncate",
    "finding_facts": "delete, truncate",
    "finding_history": "update, delete, truncate",
}
# Signature, result, body.
_FUNCTIONS: dict[str, tuple[str, str]] = {
    # Which authorities are to see findings, by the place of each in the arrays: those over its party, those over its
    # subject, and those who see the manifest or container that is its subject. What is about a whole table concerns all.
    "finding_viewers(kinds text[], subjects text[], parties text[])": (
        "table (place bigint, viewer text)",
        """
declare
  form constant text := '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
begin
  if not (sight_unbound() or current_setting('wastetrack.viewer', true) = 'c') then
    raise exception 'Only the checks ask this.' using errcode = 'insufficient_privilege';
  end if;
  return query
  with told as (
    select given.place, given.kind, given.subject, given.party
    from unnest(kinds, subjects, parties) with ordinality as given (kind, subject, party, place)
  ), named as materialized (
    select told.place, part::uuid as id from told
    cross join lateral unnest(string_to_array(told.subject, '/') || told.party) as part where part ~ form
  ), lying as (
    select named.place, firm.region_code from named join organisations firm on firm.id = named.id
    union all
    select named.place, site.region_code from named join sites site on site.id = named.id
    union all
    select named.place, firm.region_code from named join vehicles vehicle on vehicle.id = named.id
      join organisations firm on firm.id = vehicle.organisation_id
    union all
    select named.place, firm.region_code from named join memberships member on member.person_id = named.id
      join organisations firm on firm.id = member.organisation_id
  )
  select lying.place, 'r:' || left(lying.region_code, digits) from lying cross join (values (2), (4), (6)) as cut (digits)
  union
  select named.place, sight.viewer from named
  join sightings sight on sight.subject_id = named.id and sight.kind in ('manifest', 'container')
  where sight.viewer like 'r:%'
  union
  select told.place, 'r:' || office.jurisdiction from told join organisations office on office.jurisdiction is not null
  where told.kind in ('table', 'column');
end""",
    ),
    # How closed findings turned out, by rule, over all regions: a precision is the rule's, whoever judged. A closing
    # that was taken back does not count.
    "finding_outcomes()": (
        "table (rule text, outcome text, findings bigint)",
        """
begin
  if not (sight_unbound() or current_setting('wastetrack.viewer', true) ~ '^(r:|[cp]$)') then
    return;
  end if;
  return query
  select of.rule, act.outcome, count(*) from (
    select step.finding_id, step.step, step.outcome, lead(step.step) over (
      partition by step.finding_id order by step.id
    ) as next
    from finding_history step where step.step in ('closed', 'taken_back')
  ) act join findings of on of.id = act.finding_id
  where act.step = 'closed' and act.next is distinct from 'taken_back'
  group by of.rule, act.outcome;
end""",
    ),
}


def upgrade() -> None:
    """Make the tables, who sees them, and what the checks may ask."""
    for statement in _TABLES:
        _run(statement)
    for table, changes in _REVOKED.items():
        _run(f"revoke {changes} on {table} from {_APP}")
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
    for signature, (result, body) in _FUNCTIONS.items():
        _run(
            f"create function {signature} returns {result} language plpgsql stable security definer "
            f"set search_path = public, pg_temp as $${body} $$"
        )
        name = signature.partition("(")[0]
        _run(f"revoke execute on function {name} from public")
        _run(f"grant execute on function {name} to {_APP}")


def downgrade() -> None:
    """Take them away."""
    for signature in _FUNCTIONS:
        _run(f"drop function {signature.partition('(')[0]}")
    for table in (
        "check_parameters", "check_queues", "finding_history", "finding_facts", "findings", "check_run_rules",
        "check_rules", "check_runs",
    ):  # fmt: skip
        op.drop_table(table)


def _run(script: str) -> None:
    # Percent signs mean themselves: past SQLAlchemy, straight to the driver.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)
