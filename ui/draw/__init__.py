"""The Draw tab: the pad and what stands beside it."""
