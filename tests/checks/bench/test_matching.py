"""How a finding matches the truth: by rule, by name, by time."""

from datetime import UTC, datetime

import pytest

from wastetrack.checks.bench.matching import Case, Found, Matcher, about, answers, named
from wastetrack.checks.bench.typologies import KNOWN, typology_of


def day(number: int) -> datetime:
    return datetime(2026, 3, number, tzinfo=UTC)


def finding(rule: str, kind: str, subject: str, on: int = 20, party: str | None = None, **loads: list[str]) -> Found:
    return Found(
        rule=rule, queue="skim", severity=3, kind=kind, subject=subject, party=party, found_at=day(on), at_risk_g=1000,
        statistic=1.0, chance=0.5, names=named(kind, subject, party, loads),
    )  # fmt: skip


def case(
    typology: str, kind: str, subject: str, *lanes: tuple[str, str, str, str], begins: int = 10, id_: str = "case"
) -> Case:
    what = typology_of(typology, kind)
    return Case(
        id=id_, typology=what, begins_at=day(begins), ends_at=day(30), stolen_g=5, affected_g=5,
        names=about(what, (kind, subject), lanes), subject=(kind, subject),
    )  # fmt: skip


SKIM = case("skim", "carrier", "c", ("m", "s", "c", "r"))
GHOST = case("ghost_chain", "site", "r", ("m", "s", "c", "r"))


@pytest.mark.parametrize(
    ("one", "what"),
    [
        (finding("R04", "carrier", "c"), SKIM),
        (finding("R04", "organisation", "c"), SKIM),
        (finding("R04", "pair", "s/c"), SKIM),
        (finding("R03", "manifest", "m"), SKIM),
        (finding("R45", "pair", "s/c"), GHOST),
        (finding("R37", "site", "r"), GHOST),
        (finding("R37", "site", "s"), GHOST),
        (finding("R06", "vehicle", "v", party="c"), case("novel", "carrier", "c")),
        (finding("R07", "container", "box", box=["m"]), case("clone", "manifest", "m")),
        (finding("R99", "site", "x"), case("a kind that nobody knew", "site", "x")),
        # what is false about a manifest may be written before it is filed
        (finding("R16", "manifest", "m", on=9), case("out_of_permit", "manifest", "m")),
    ],
)
def test_a_finding_that_names_it_in_time_answers(one: Found, what: Case) -> None:
    assert answers(one, what)


@pytest.mark.parametrize(
    ("one", "what"),
    [
        (finding("R20", "carrier", "c"), SKIM),  # looks for something else
        (finding("R04", "carrier", "other"), SKIM),
        (finding("R04", "pair", "s/other"), SKIM),
        (finding("R04", "carrier", "c", on=9), SKIM),  # before it began
        (finding("R04", "site", "s"), SKIM),  # the shipper is a victim
        (finding("R03", "manifest", "another"), SKIM),
        (finding("R45", "pair", "s/other"), GHOST),
        (finding("R07", "container", "box", box=["another"]), case("clone", "manifest", "m")),
        (finding("R02", "manifest", "m"), case("clone", "manifest", "m")),
    ],
)
def test_any_other_does_not(one: Found, what: Case) -> None:
    assert not answers(one, what)


def test_the_index_says_what_asking_each_pair_says() -> None:
    cases = [SKIM, GHOST, case("clone", "manifest", "m", id_="clone"), case("loop", "site", "r", id_="loop")]
    cases = [
        Case(**{**{name: getattr(one, name) for name in Case.__slots__}, "id": str(n)}) for n, one in enumerate(cases)
    ]
    findings = [
        finding(rule, kind, subject, on)
        for rule in ("R03", "R04", "R07", "R27", "R37", "R45")
        for kind, subject in (("manifest", "m"), ("carrier", "c"), ("pair", "s/c"), ("site", "r"), ("site", "s"))
        for on in (9, 20)
    ]

    matcher = Matcher(cases)

    told = {(n, one.id) for n, found in enumerate(findings) for one in matcher.cases_of(found)}
    assert told == {(n, one.id) for n, found in enumerate(findings) for one in cases if answers(found, one)}
    assert told


def test_every_known_typology_is_looked_for_by_a_rule_that_exists() -> None:
    from wastetrack.checks.every import RULES  # noqa: PLC0415

    there = {rule.id for rule in RULES}
    assert [one.name for one in KNOWN.values() if not (one.rules or set()) & there] == []
