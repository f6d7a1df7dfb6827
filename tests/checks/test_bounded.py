"""What an urgent run is shown of the live records is enough: it finds what the whole history has to tell of new."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.support.databases import Cluster
from tests.support.eventful import ENDS, Eventful
from wastetrack.checks.live import URGENT, run_live
from wastetrack.checks.model import Rule
from wastetrack.findings.model import FactTold

SEEDS = (1, 2, 3)
INSTANTS = [ENDS + timedelta(days=days) for days in (0, 1.5)]
"""Nothing is known of what has not happened yet."""
NOT_HELD = {"R07C", "R07K", "R13I"}
"""Rules for which the product keeps no data."""
BELIEVED = {"most_share": 0.9}
NUMBERS = {"R06": BELIEVED, "R06T": BELIEVED}
"""However much of it there is in these days."""


@pytest.fixture(scope="module")
def live(cluster: Cluster) -> Iterator[list[psycopg.Connection[Any]]]:
    """Databases, each with an eventful history."""
    with ExitStack() as stack:
        connections = []
        for seed in SEEDS:
            address = cluster.clone()
            stack.callback(cluster.drop, address)
            connection = stack.enter_context(psycopg.connect(address.dsn))
            Eventful(seed).write(connection)
            connection.execute("analyze")
            connection.commit()
            connections.append(connection)
        yield connections


def facts(connection: psycopg.Connection[Any], rule: Rule, as_of: datetime, *, whole: bool) -> list[FactTold]:
    """What it finds of new, with nothing known from before."""
    late: list[str] = []
    told = run_live(connection, as_of=as_of, numbers=NUMBERS, rules=(rule,), late=late, whole=whole)
    connection.rollback()
    assert not late
    return sorted(told.facts, key=str)


@pytest.mark.parametrize("rule", URGENT, ids=lambda rule: rule.id)
def test_what_is_new_is_found_in_what_a_rule_is_shown(rule: Rule, live: list[psycopg.Connection[Any]]) -> None:
    found = 0
    for connection, as_of in itertools.product(live, INSTANTS):
        of_all = facts(connection, rule, as_of, whole=True)
        assert facts(connection, rule, as_of, whole=False) == of_all, as_of
        found += len(of_all)
    assert (found > 0) != (rule.id in NOT_HELD), "the history has something for each rule"
