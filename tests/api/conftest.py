"""The running application, for the tests of this folder."""

from tests.support.served import served

__all__ = ["served"]
