"""When a report may be handed in. Pure."""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from typing import Any

import rfc8785

from wastetrack.errors import Broken
from wastetrack.filings.model import ARTICLE, SubmitReport, check_period


def digest_of(figures: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical form (RFC 8785) of a report's figures: what the log says of them."""
    return sha256(rfc8785.dumps(dict(figures))).hexdigest()


def why_not_submit(command: SubmitReport, *, today: date, newest: str | None) -> tuple[Broken, ...]:
    """Every rule that the command breaks; `newest` is the digest of the version that stands, if any."""
    broken = list(check_period(command.period, today))
    digest = digest_of(command.figures)
    if command.seen is not None and command.seen != digest:
        message = "The figures have changed since you read them."
        step = "Read them again and hand in what stands now."
        broken.append(Broken("seen", "figures_changed", message, next_step=step))
    if newest is not None and newest == digest:
        message = "The report of {value} was handed in with these very figures."
        broken.append(Broken("period", "nothing_to_correct", message, command.period.name))
    elif newest is not None and not command.reason.strip():
        message = "The report of {value} was handed in before; say why it changes."
        step = "Give the reason; the earlier version stays readable."
        broken.append(
            Broken(
                "reason", "reason_missing", message, command.period.name, article="HJ 1259-2022 7.1.2", next_step=step
            )
        )
    if not command.figures.get("agrees", False):
        message = "The ledgers and the mass ledger do not agree for this period."
        step = "Look at the totals below the ledgers; a stock-take or a correction settles the difference."
        broken.append(Broken("figures", "books_disagree", message, article=ARTICLE, next_step=step))
    return tuple(broken)
