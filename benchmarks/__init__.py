"""Measurements whose figures stand in the README; each runs as `python -m benchmarks.NAME`."""
