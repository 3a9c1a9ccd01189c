"""The runs of a visitor: compared, evaluated, kept."""
