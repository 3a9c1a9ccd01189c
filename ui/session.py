"""What one visitor owns. It lives in their own `gr.State` and goes when Gradio drops that."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from mnist_core import Classifier


@dataclass(frozen=True, eq=False)
class Model:
    """A model that reads, and what the page calls it."""

    classifier: Classifier
    name: str


@dataclass(eq=False)
class Session:
    """One visitor's belongings.

    Attributes:
        model: reads for this visitor; the shipped one is shared and read-only.
        key: what their browser names the session by; nobody can guess it.
    """

    model: Model
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))


class Sessions:
    """Finds the session that a pad's request belongs to.

    The pad asks through a server function, which sees neither `gr.State` nor a session hash it could trust. Only weak
    references are held: a session lives exactly as long as its visitor's state does, and Gradio bounds how many do.

    Args:
        shipped: the model that every visitor starts with.
    """

    def __init__(self, shipped: Model) -> None:
        self.shipped = shipped
        self._open: WeakValueDictionary[str, Session] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._open)

    def open(self) -> Session:
        """A new visitor's session."""
        session = Session(self.shipped)
        self._open[session.key] = session
        return session

    def model_of(self, key: object) -> Model:
        """The model of the session with that key; the shipped one where there is none, as after a restart."""
        session = self._open.get(key) if isinstance(key, str) else None
        return session.model if session else self.shipped
