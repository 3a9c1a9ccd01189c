"""The reading beside the pad: its bars, and the digits of a number."""
