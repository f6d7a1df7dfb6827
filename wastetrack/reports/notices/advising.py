"""What an authority advises: what to build, what to leave, what must not stand still. Pure."""

from wastetrack.capacity.projects import AWAITED, PlannedProject
from wastetrack.capacity.reading import Shortage, class_of, missed, need_g, shortages, surplus, worth
from wastetrack.capacity.result import Result
from wastetrack.i18n import message
from wastetrack.reports.capacity_words import names_of
from wastetrack.reports.figures import Words
from wastetrack.reports.notices.model import Block, Paragraph, Section, Weight
from wastetrack.reports.notices.words import Named, both, joined, tonnes
from wastetrack.reports.tabular import said

WANTED, LEFT, CRITICAL = 5, 6, 3


def section(result: Result, projects: tuple[PlannedProject, ...], names: Named) -> Section:
    """In the order in which an investor reads."""
    blocks: list[Block] = []
    short = shortages(result)[:WANTED]
    if short:
        blocks.append(Paragraph(said("Capacity is wanted for:"), Weight.STRONG))
        blocks += [Paragraph(_wanted(one, projects, names)) for one in short]
    else:
        blocks.append(Paragraph(said("No code is short of capacity; new capacity should replace what is old.")))
    ample = surplus(result)[:LEFT]
    if ample:
        told = joined(
            both(
                message("{name} ({able} t for {need} t)"),
                name=names.of_class(one.code),
                able=tonnes(one.effective_g),
                need=tonnes(need_g(one)),
            )
            for one in ample
        )
        sentence = message(
            "Invest with care where plants can treat more than twice what arises: {list}. The same plants may serve "
            "other classes too."
        )
        blocks.append(Paragraph(both(sentence, list=told)))
    blocks += [Paragraph(told) for told in (_worth(result), _critical(result)) if told is not None]
    return Section(said("Advice to investors"), tuple(blocks))


def _wanted(one: Shortage, projects: tuple[PlannedProject, ...], names: Named) -> Words:
    code = one.category.code
    coming = sum(
        item.yearly.grams
        for project in projects
        if project.state in AWAITED
        for item in project.items
        if item.pattern in {code, class_of(code)}
    )
    return both(
        message("{code} ({name}): {short} t a year find no plant. {coming}"),
        code=code,
        name=names.of_class(one.of_class.code),
        short=tonnes(one.category.unmatched_g),
        coming=said("Planned projects name it for {mass} t a year.", mass=tonnes(coming))
        if coming
        else said("No planned project names it."),
    )


def _worth(result: Result) -> Words | None:
    best = [one for one in worth(result, CRITICAL) if one.worth_t > 0]
    if not best:
        return None
    plants = joined(Words(zh=one.name, en=one.name) for one in best)
    return both(
        message("Where plants stand already, more capacity would help most at {list}."),
        list=plants,
    )


def _critical(result: Result) -> Words | None:
    names = names_of(result)
    worst = [one for one in missed(result) if one.unmatched_more_g > 0][:CRITICAL]
    if not worst:
        return None
    told = joined(
        both(
            message("{name} ({mass} t would find no plant)"),
            name=names.get(one.plant, one.plant),
            mass=tonnes(one.unmatched_more_g),
        )
        for one in worst
    )
    return both(message("A year's standstill would be felt most at {list}."), list=told)
