"""Models and migrations say the same, down to the text of each CHECK."""

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa

from tests.support.databases import Cluster
from wastetrack.db import addresses, migrating
from wastetrack.db.addresses import Address
from wastetrack.db.types import metadata

CONSTRAINTS = """
select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
where connamespace = 'public'::regnamespace and contype in ('c', 'f', 'p', 'u')
"""
INDEXES = "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'"
COLUMNS = """
select table_name, column_name, concat_ws(' ', data_type, character_maximum_length, is_nullable, is_identity)
from information_schema.columns where table_schema = 'public'
"""


@pytest.fixture(scope="module")
def from_models(cluster: Cluster) -> Iterator[Address]:
    """A database made from the models alone."""
    address = cluster.empty()
    migrating.import_all_tables()
    engine = sa.create_engine(address.psycopg_url, poolclass=sa.NullPool)
    metadata.create_all(engine)
    engine.dispose()
    yield address
    cluster.drop(address)


def described(dsn: str, question: str) -> set[tuple[str, ...]]:
    """What the system's tables say of our tables."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(question.encode()).fetchall()
    return {tuple(map(str, row)) for row in rows if not str(row[0]).startswith(("procrastinate_", "alembic_"))}


def test_autogenerate_would_write_nothing(database_url: str) -> None:
    assert migrating.differences(database_url) == []


@pytest.mark.parametrize("question", [CONSTRAINTS, INDEXES, COLUMNS], ids=["constraints", "indexes", "columns"])
def test_tables_made_by_migrations_are_those_of_the_models(
    database_url: str, from_models: Address, question: str
) -> None:
    migrated = described(addresses.over("", database_url), question)
    modelled = described(from_models.dsn, question)
    assert sorted(migrated - modelled) == [], "only in the migrations"
    assert sorted(modelled - migrated) == [], "only in the models"
