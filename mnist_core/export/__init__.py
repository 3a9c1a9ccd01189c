"""What leaves: a run's archive, a model's card, the command that makes it again."""
