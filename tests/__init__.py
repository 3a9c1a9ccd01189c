"""The tests: folders as those of the code that they test, and what they share in `support`."""
