"""Curves of runs, and pictures of the first layer."""
