"""Saying what a drawing is, writing each digit, and the gallery of what was saved."""
