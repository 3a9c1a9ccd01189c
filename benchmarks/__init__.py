"""Measurements whose figures stand in README.md and docs/; each runs as `python -m benchmarks.NAME`."""

import os

# As app.py does, before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
