"""The simpler methods keep to one thread here: their threads wait by spinning, against the other test workers."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read once, when the first of them is imported
