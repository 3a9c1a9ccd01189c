"""Curves of runs, and images of the first layer."""
