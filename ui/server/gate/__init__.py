"""Requests, let in at the rate that their client may have."""
