"""The finding for which a case was taken, frozen as words and numbers: what a rule saw, by which numbers, how sure.

It is not woven of the events, for the checks reckoned it; the pack keeps what they said, and signs it with the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wastetrack.auth.model import Actor
from wastetrack.db.session import ReadSession
from wastetrack.findings import reading
from wastetrack.findings.model import Gravity, Judgement
from wastetrack.i18n import Locale, label, message, translate
from wastetrack.mass import Mass
from wastetrack.reports import finding_words as words
from wastetrack.reports.articles import article_in
from wastetrack.reports.rule_words import in_force, number, source_in
from wastetrack.reports.tabular import Column, Sheet, local, said

_NOTHING = "—"
_WIDTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinding:
    """What the sheets of a finding say. Headings are sentences of the product, values stand in the case's language."""

    lines: tuple[tuple[str, str], ...]
    times: tuple[tuple[str, ...], ...]
    """Each time that it was found: since, known from, gravity, kilograms at risk, statistic, threshold."""
    numbers: tuple[tuple[str, ...], ...]
    """The rule's parameters in force: symbol, value with unit, meaning, source."""

    def as_tree(self) -> dict[str, list[list[str]]]:
        """As the case's file holds it."""
        return {name: [list(row) for row in getattr(self, name)] for name in self.__slots__}

    @classmethod
    def read(cls, tree: Mapping[str, Sequence[Sequence[str]]]) -> "CaseFinding":
        """The same read back. Raises ValueError, TypeError."""
        if tree.keys() != set(cls.__slots__):
            raise ValueError("other fields of a finding")
        lines = tuple((str(heading), str(value)) for heading, value in tree["lines"])
        rest = {name: tuple(tuple(map(str, row)) for row in tree[name]) for name in ("times", "numbers")}
        return cls(lines=lines, **rest)

    def proved_by(self, log_numbers: Sequence[int | None]) -> "CaseFinding":
        """The same with the places in the log of the events that it is about, whose proofs are in the bundle."""
        told = ", ".join(f"{one}" for one in log_numbers if one is not None) or _NOTHING
        return replace(
            self, lines=(*self.lines, (message("Events in bundle.json with their proofs, by log no."), told))
        )

    @property
    def sheets(self) -> tuple[Sheet, Sheet, Sheet]:
        """As tables."""
        return (
            Sheet(
                said("The finding"),
                (Column(said("Thing"), 1), Column(said("Value"), _WIDTH)),
                tuple((said(heading), value) for heading, value in self.lines),
                (said("The checks reckoned this from the records; it is signed with the pack, and proves nothing."),),
            ),
            Sheet(
                said("Each time that it was found"),
                (
                    Column(said("Since"), 2),
                    Column(said("Known from"), 2),
                    Column(said("Gravity"), 2),
                    Column(said("At risk"), 2, "right"),
                    Column(said("Statistic"), 1.5, "right"),
                    Column(said("Threshold"), 1.5, "right"),
                ),
                self.times,
            ),
            Sheet(
                said("Numbers that were in force"),
                (
                    Column(said("Number of the rule"), 1.5),
                    Column(said("Number in force"), 1.5, "right"),
                    Column(said("What it means"), _WIDTH),
                    Column(said("Where it comes from"), _WIDTH),
                ),
                self.numbers,
            ),
        )


async def finding_of(
    session: ReadSession, actor: Actor, finding_id: UUID, *, locale: Locale, zone: str, address: str, at: datetime
) -> tuple[CaseFinding, list[UUID]]:
    """The finding as this actor sees it, and the events of the acts upon it. Raises NotFound, Forbidden."""
    found = await reading.finding(session, actor, finding_id, at=at)
    row, own = found.row, [one.facts for one in found.facts]
    ids = [row.subject_id, row.party_id, *(one for facts in own for one in words.ids_in(facts))]
    names = await reading.names_of(session, ids)
    told = _Told(locale, zone)
    case = CaseFinding(
        lines=tuple(_lines(found, names, told, address)),
        times=tuple(
            (
                told.of(one.since_at, "instant"),
                told.of(one.found_at, "instant"),
                translate(words.GRAVITY[Gravity(one.severity)], locale),
                Mass(one.at_risk_g).kg_text(),
                number(one.statistic),
                number(one.threshold),
            )
            for one in found.facts
        ),
        numbers=tuple(
            (
                one["name"],
                in_force(row.numbers.get(one["name"], one["value"]), one["unit"], locale),
                translate(one["meaning"], locale),
                source_in(one["source"], locale),
            )
            for one in found.rule.numbers
        ),
    )
    return case, [step.event_id for step in found.history if step.event_id is not None]


@dataclass(frozen=True, slots=True)
class _Told:
    """How values are written in a case."""

    locale: Locale
    zone: str

    def of(self, value: Any, kind: str) -> str:  # noqa: ANN401, PLR0911  as finding_words reads it; one line per kind
        match kind, value:
            case "mass", Mass():
                return value.kg_text()
            case "instant", datetime():
                return f"{local(value, self.zone):%Y-%m-%d %H:%M}"
            case "day", date():
                return value.isoformat()
            case "yes", _:
                return translate("Yes" if value else "No", self.locale)
            case "word", _:
                return translate(str(value), self.locale)
            case "grams", _:
                return f"{value:,} g"
            case "thing", reading.Named():
                return value.name
            case _:
                return str(value)


def _lines(
    found: reading.Finding, names: Mapping[str, reading.Named], told: _Told, address: str
) -> list[tuple[str, str]]:
    row, rule, locale = found.row, found.rule, told.locale
    numbers = {**row.numbers, **row.facts, "statistic": row.statistic, "threshold": row.threshold}
    formula = "".join(
        f"{part.text} [{told.of(part.value, part.kind)}]" if part.kind or part.value is not None else part.text
        for part in words.filled(translate(rule.formula, locale), numbers, names)
    )
    facts = words.facts_of(row.facts, names, locale)
    outcome = _NOTHING if row.outcome is None else label(Judgement(row.outcome), locale)
    return [
        (message("Rule"), f"{rule.rule} {translate(rule.title, locale)}"),
        (message("Version of the rule"), str(rule.version)),
        (message("About"), words.called(row.subject_id, names, locale)),
        (message("Who has to answer"), words.called(row.party_id, names, locale)),
        (message("Gravity"), translate(words.GRAVITY[found.severity], locale)),
        (message("Since"), told.of(row.since_at, "instant")),
        (message("Known from"), told.of(row.found_at, "instant")),
        (message("Kilograms at risk"), Mass(row.at_risk_g).kg_text()),
        (message("Likely true"), f"{found.posterior:.0%}"),
        (message("Formula with its numbers"), formula),
        (message("Statistic"), number(row.statistic)),
        (message("Threshold"), number(row.threshold)),
        (message("False alarms that are expected"), translate(rule.false_alarms, locale)),
        (message("What the rule can see"), translate(rule.detectable, locale)),
        (message("Legal ground"), article_in(rule.article, locale) or _NOTHING),
        (message("What else it may be"), " ".join(translate(one, locale) for one in rule.innocent) or _NOTHING),
        (message("What to do next"), translate(rule.next_step, locale)),
        (message("Outcome"), outcome),
        (message("What was found"), "; ".join(_fact(one, told) for one in facts) or _NOTHING),
        (message("Records as known"), told.of(row.last_as_of, "instant")),
        (message("Finding on record"), address),
    ]


def _fact(one: words.Fact, told: _Told) -> str:
    return f"{one.words or one.symbol} {told.of(one.value, one.kind)}"
