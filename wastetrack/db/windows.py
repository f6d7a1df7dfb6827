"""The part of a list that one page or one file shows: its order, how much of it, from where on.

    ORDERS = {"number": col(ContractRow.number), …}
    statement = window.over(statement, ORDERS, col(ContractRow.id).desc())

Only what a query names in its ORDERS is ever an order; any other name is its usual one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa

SelectT = TypeVar("SelectT", bound=sa.Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Window:
    """`order` is a name among a query's orders, or empty for its usual one."""

    order: str = ""
    descending: bool = False
    limit: int = 100
    offset: int = 0

    def over(self, statement: SelectT, orders: Mapping[str, Any], *usual: Any) -> SelectT:  # noqa: ANN401
        """The statement in that order, the usual one among equals; what has no value stands last either way."""
        return statement.order_by(*self.places(orders, *usual)).limit(self.limit).offset(self.offset)

    def places(self, orders: Mapping[str, Any], *usual: Any) -> tuple[Any, ...]:  # noqa: ANN401
        """The terms of the order alone."""
        wanted = orders.get(self.order)
        if wanted is None:
            return usual
        return ((wanted.desc() if self.descending else wanted.asc()).nulls_last(), *usual)

    def clause(self, orders: Mapping[str, str], usual: str) -> str:
        """The same for a statement that is written out: `orders` are expressions of ours, never of the visitor."""
        wanted = orders.get(self.order)
        if wanted is None:
            return f"order by {usual} limit {self.limit} offset {self.offset}"
        way = "desc" if self.descending else "asc"
        return f"order by {wanted} {way} nulls last, {usual} limit {self.limit} offset {self.offset}"
