"""What a contract must say. Pure (令23 art. 10 (1))."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from wastetrack.catalogues.catalogue import Catalogue
from wastetrack.errors import Broken
from wastetrack.mass import Mass
from wastetrack.parties import field_rules
from wastetrack.plans.line_rules import CONTRACT_ARTICLE
from wastetrack.plans.model import DraftContract

_GENERAL = re.compile(r"[0-9]{3}-[0-9]{3}-S[0-9]{2}")
"""General industrial waste (固体废物分类与代码目录); 固废法 art. 37 asks for a contract there too."""
MOST: Final = Mass(10_000_000_000_000)


def why_not_contract(command: DraftContract, lists: Catalogue, *, on: date) -> Iterator[Broken]:
    """Everything that is missing or wrong."""
    yield from field_rules.text("number", command.number, longest=60, article=CONTRACT_ARTICLE)
    yield from field_rules.day_order(command.valid_from, command.valid_to)
    if command.price:
        yield from field_rules.text("price", command.price, longest=200)
    if command.shipper_id == command.receiver_id:
        message, step = "A contract has two sides; both are the same organisation.", "Choose the other side."
        yield Broken("receiver_id", "contract_with_oneself", message, article=CONTRACT_ARTICLE, next_step=step)
    if command.signed_on > on:
        message, step = "The contract is signed on {value}, a day that has not come yet.", "Give the day of signing."
        yield Broken("signed_on", "contract_signed_later", message, command.signed_on.isoformat(), None, step)
    if not command.clauses_acknowledged:
        message = "The contract must say how pollution is prevented in transport, storage, use and disposal."
        step = "Read it again; confirm that it says so and who answers for what."
        yield Broken("clauses_acknowledged", "contract_clauses_missing", message, None, CONTRACT_ARTICLE, step)
    if not command.items:
        message, step = "The contract names no waste.", "Add at least one waste code with its quantity."
        yield Broken("items", "contract_without_items", message, article=CONTRACT_ARTICLE, next_step=step)
    yield from _items(command, lists, on)


def _items(command: DraftContract, lists: Catalogue, on: date) -> Iterator[Broken]:
    seen: set[tuple[str, str | None]] = set()
    for number, item in enumerate(command.items):
        at = f"items.{number}"
        if not _GENERAL.fullmatch(item.waste_code):
            yield from lists.why_not_waste(item.waste_code, on, field=f"{at}.waste_code")
            if item.method is not None:
                yield from lists.why_not_treatment(item.method, on, field=f"{at}.method")
        yield from field_rules.mass(f"{at}.quantity", item.quantity, most=MOST, article=CONTRACT_ARTICLE)
        if (item.waste_code, item.method) in seen:
            message, step = "This line stands twice.", "Put both quantities into one line."
            yield Broken(f"{at}.waste_code", "contract_line_twice", message, item.waste_code, None, step)
        seen.add((item.waste_code, item.method))
