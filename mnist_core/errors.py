"""The error that whoever calls can mend."""

from __future__ import annotations


class InvalidInput(ValueError):
    """A value is not one that is accepted; the message says which are, in words for a person.

    Whatever checks what it is given raises this one: any other ValueError is a fault of our own.
    """
