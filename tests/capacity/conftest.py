"""The running application, for the tests of this folder."""

from tests.support.served import served
from tests.support.trade import trade

__all__ = ["served", "trade"]
