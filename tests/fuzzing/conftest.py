"""The application, the transfers behind it, and files as people send them."""

from tests.support.served import served
from tests.support.trade import trade

__all__ = ["served", "trade"]
