"""Measurements whose figures stand in README.md and docs/; each runs as `python -m benchmarks.NAME`."""
