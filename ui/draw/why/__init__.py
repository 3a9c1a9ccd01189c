"""Why it was read so: the ink that spoke, and what another digit would need."""
