"""The views of schema `extract` over a region of one of everything: columns, kinds, and each kilogram of the ledger."""

from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from tests.demo.conftest import Region
from tests.support.served import for_application
from wastetrack.checks.every import RULES
from wastetrack.checks.running import Answer, end_of, run
from wastetrack.db import addresses
from wastetrack.extracts.copying import copy
from wastetrack.extracts.every import TABLES
from wastetrack.extracts.files import arrow_schema, files_of
from wastetrack.extracts.reading import open_extract

NOT_HELD = {"activity", "alarms", "processes"}
# Of each fact: the ledger's sums by site and code, and those of the extract.
STORED = (
    "select holder_id::text, waste_code, balance_g from accounts where kind = 'stored' and balance_g <> 0",
    (
        "select held_site_id, waste_code, sum(net_g)::bigint from extract.containers where held_site_id is not null "
        "group by 1, 2"
    ),
)
MOVED = """
select account.holder_id::text, posting.waste_code, sum({sign} posting.amount_g)::bigint
from postings posting join accounts account on account.id = posting.account_id and account.kind = '{account}'
join entries entry on entry.id = posting.entry_id left join entries wrong on wrong.id = entry.reverses_id
where {kinds} group by 1, 2
"""
KIND = "coalesce(wrong.kind, entry.kind)"
INTO = f"{KIND} in ('received', 'found') or ({KIND} = 'moved' and (posting.amount_g > 0) = (wrong.id is null))"
OUT_OF = f"{KIND} = 'picked_up' or ({KIND} = 'moved' and (posting.amount_g < 0) = (wrong.id is null))"
RECEIVED = (
    MOVED.format(sign="", account="stored", kinds=INTO),
    # What stands at a gate that has not signed yet is in the ledger already.
    """
    select site, waste_code, sum(grams)::bigint from (
      select receiver_site_id as site, waste_code, received_g as grams from extract.manifests where received_g > 0
      union all
      select paper.receiver_site_id::text, line.waste_code, line.measured_g
      from manifest_containers line join manifests paper on paper.id = line.manifest_id
      where paper.received_at is null and line.measured_g is not null
    ) taken group by 1, 2
    """,
)
SENT = (
    MOVED.format(sign="-", account="stored", kinds=OUT_OF),
    (
        "select shipper_site_id, waste_code, sum(declared_g)::bigint from extract.manifests "
        "where kind <> 'return' and (departed_at is not null or kind = 'continuous') group by 1, 2"
    ),
)
TREATED = (
    MOVED.format(sign="", account="treated", kinds="true"),
    (
        "select site_id, waste_code, sum(it.input_g)::bigint from extract.batch_inputs it join extract.batches "
        "using (batch_id) group by 1, 2"
    ),
)
GENERATED = (
    MOVED.format(sign="-", account="generated", kinds="true"),
    "select site_id, waste_code, sum(generated_g)::bigint from extract.generation group by 1, 2",
)
LEFT_OVER = (
    MOVED.format(sign="-", account="residue_source", kinds="true"),
    (
        "select site_id, waste_code, sum(output_g)::bigint from extract.residues join extract.batches using (batch_id) "
        "where waste_code is not null group by 1, 2"
    ),
)


def dsn_of(region: Region) -> str:
    return addresses.over("", region.engine.url.render_as_string(hide_password=False))


@pytest.mark.parametrize(
    "fact",
    [STORED, RECEIVED, SENT, TREATED, GENERATED, LEFT_OVER],
    ids=["stored", "received", "sent", "treated", "generated", "left over"],
)
async def test_each_kilogram_of_the_ledger_is_in_the_extract_at_its_site_under_its_code(
    region: Region, fact: tuple[str, str]
) -> None:
    with psycopg.connect(dsn_of(region)) as connection:
        ledger, extract = (set(connection.execute(query.encode()).fetchall()) for query in fact)
    assert ledger == extract
    assert len(ledger) > 1


async def test_a_batch_took_what_its_codes_took(region: Region) -> None:
    query = """
    select count(*), count(*) filter (where it.input_g <> taken.input_g) from extract.batches it
    join (select batch_id, sum(input_g) as input_g from extract.batch_inputs group by 1) taken using (batch_id)
    """
    with psycopg.connect(dsn_of(region)) as connection:
        (batches, different) = connection.execute(query.encode()).fetchone() or (0, 0)
    assert batches
    assert not different


async def test_the_copy_of_every_table_has_columns_and_kinds_of_the_schema_in_its_order(
    region: Region, tmp_path: Path
) -> None:
    state = copy(dsn_of(region), tmp_path).state
    assert {table for table, _ in state.pieces} == set(TABLES) - NOT_HELD
    for name in set(TABLES) - NOT_HELD:
        table, whole = TABLES[name], arrow_schema(TABLES[name])
        files = files_of(tmp_path / state.folder, table)
        assert files
        for file in files:
            held = pq.read_schema(file)
            assert held.names == [column for column in table.names if column in held.names]
            assert [column.name for column in table.columns if column.required and column.name not in held.names] == []
            assert [field.type for field in held] == [whole.field(field.name).type for field in held]
        if table.month_of and state.pieces.keys() & {(name, file.stem) for file in files}:
            for file in files:
                months = {f"{value:%Y-%m}" for value in pq.read_table(file)[table.month_of].to_pylist()}
                assert months == {file.stem}


async def test_the_rules_run_over_the_copy(region: Region, tmp_path: Path) -> None:
    copy(dsn_of(region), tmp_path)
    records = open_extract(tmp_path)
    faults = [rule for rule in RULES if rule.id in {"Q01", "Q02", "Q04"}]
    outcomes = list(run(records, faults, as_of=end_of(records)))
    assert len(outcomes) == 3
    found = {one.rule.id: one.findings.to_pylist() for one in outcomes if one.answer is Answer.FOUND}
    assert found == {}, "rows that refer to nothing, go backwards in time or are no grams are faults of a view"


async def test_the_application_does_not_get_around_row_level_security(region: Region) -> None:
    application = addresses.over("", for_application(region.engine.url.render_as_string(hide_password=False)))
    with psycopg.connect(application) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("select * from extract.manifests")
    with psycopg.connect(dsn_of(region)) as owner:
        owner.execute("grant usage on schema extract to wastetrack_app")
        owner.execute("grant select on all tables in schema extract to wastetrack_app")
        try:
            owner.commit()
            with psycopg.connect(application) as connection:
                seen = [
                    connection.execute(f"table extract.{name}".encode()).fetchall()
                    for name in ("manifests", "weighings", "containers", "loads", "scans", "signatures", "batches")
                ]
                assert seen == [[]] * 7, "even where somebody grants them, views show what the asker may see"
        finally:
            owner.execute("revoke all on all tables in schema extract from wastetrack_app")
            owner.execute("revoke usage on schema extract from wastetrack_app")
            owner.commit()
