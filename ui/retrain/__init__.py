"""The Retrain tab: settings, the run's card, and what is watched while it learns."""
