"""Linear algebra in one thread: DuckDB has the processors, and a second pool of threads waits for them by spinning."""

import os


def calculate_in_one_thread() -> None:
    """To be called before NumPy is loaded; who set it otherwise keeps what they set."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
