"""Chance by name: the same seed, purpose and key give the same number, in whatever order they are asked.

A world that loses a load to a scheme keeps all its other numbers.
"""

import zlib

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy.special import ndtri

Whole = npt.NDArray[np.int64]
Real = npt.NDArray[np.float64]
Yes = npt.NDArray[np.bool_]
_Words = npt.NDArray[np.uint64]

_STEP, _FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_LETTERS = np.frombuffer(b"0123456789abcdefghjkmnpqrstvwxyz", dtype=np.uint8)
_NAME_BITS = 60
_NAME_LENGTH = 12
_MASK = np.uint64((1 << _NAME_BITS) - 1)


def _mixed(words: _Words) -> _Words:
    """The finaliser of SplitMix64: a bijection in which each bit of the input moves each bit of the output."""
    words = (words ^ (words >> np.uint64(30))) * _FIRST
    words = (words ^ (words >> np.uint64(27))) * _SECOND
    return words ^ (words >> np.uint64(31))


class Chances:
    """Random numbers of one source: the world's, or those of the schemes."""

    def __init__(self, seed: np.random.SeedSequence) -> None:
        self._key = seed.generate_state(1, np.uint64)[0]

    def _words(self, purpose: str, keys: tuple[Whole | int, ...]) -> _Words:
        with np.errstate(over="ignore"):
            words = np.atleast_1d(np.asarray(self._key ^ (np.uint64(zlib.crc32(purpose.encode())) * _STEP)))
            for key in keys:
                words = _mixed(words + (np.asarray(key).astype(np.uint64) + np.uint64(1)) * _STEP)
        return words

    def uniform(self, purpose: str, *keys: Whole | int, low: float = 0.0, high: float = 1.0) -> Real:
        """Between `low` and `high`, one for each row of the keys."""
        unit = ((self._words(purpose, keys) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
        return low + (high - low) * unit

    def normal(self, purpose: str, *keys: Whole | int) -> Real:
        """Standard normal."""
        return np.asarray(ndtri(self.uniform(purpose, *keys)))

    def happens(self, purpose: str, share: float | Real, *keys: Whole | int) -> Yes:
        """True for this share of the keys."""
        return self.uniform(purpose, *keys) < share

    def one_of(self, purpose: str, count: int | Whole, *keys: Whole | int) -> Whole:
        """A whole number from 0 to below `count`."""
        return np.asarray(np.minimum((self.uniform(purpose, *keys) * count).astype(np.int64), np.asarray(count) - 1))

    def names(self, space: int, numbers: Whole) -> pa.Array:
        """Identifiers of twelve letters: different for different numbers, and nothing can be read from them."""
        with np.errstate(over="ignore"):
            words = (numbers.astype(np.uint64) | (np.uint64(space) << np.uint64(52))) ^ (self._key & _MASK)
            words = (words * _FIRST) & _MASK
            words = ((words ^ (words >> np.uint64(31))) * _SECOND) & _MASK
            words = words ^ (words >> np.uint64(29))
        places = np.arange(_NAME_LENGTH - 1, -1, -1, dtype=np.uint64) * np.uint64(5)
        letters = _LETTERS[((words[:, None] >> places) & np.uint64(31)).astype(np.int64)]
        return texts(letters)


def texts(letters: npt.NDArray[np.uint8]) -> pa.Array:
    """Rows of letters of one length as text."""
    count, length = letters.shape
    ends = pa.py_buffer(np.arange(count + 1, dtype=np.int32) * np.int32(length))
    return pa.StringArray.from_buffers(count, ends, pa.py_buffer(np.ascontiguousarray(letters)))


def digits(numbers: Whole, length: int) -> npt.NDArray[np.uint8]:
    """Decimal digits with leading zeros, one row a number."""
    powers = 10 ** np.arange(length - 1, -1, -1, dtype=np.int64)
    return ((numbers[:, None] // powers) % 10 + ord("0")).astype(np.uint8)
