"""The running application, for the tests of this folder."""

from tests.support.browser import chromium, pytest_runtest_makereport
from tests.support.served import served
from tests.support.trade import trade

__all__ = ["chromium", "pytest_runtest_makereport", "served", "trade"]
