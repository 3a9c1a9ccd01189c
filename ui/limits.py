"""All limits of the app, in one place, each with why it is what it is.

Whoever is over one is told; others notice nothing. Those that depend on the machine are fields of `Limits`, and a host
changes them by environment variables. The others are constants. What the network itself can take is limited in
mnist_core, for every program that uses it, and only named here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

# ---- what a visitor keeps ----

MAX_RUNS = 12  # of a visitor: 8 MB each; as many curves as can be told apart in one chart
MODELS_OF_ADDRESS = 1_000_000_000  # bytes of weights: a class of 90 that keep 12 runs of the usual size each
MAX_DRAWINGS = 500  # of a visitor: browsers keep about 5 MB for a site, and the largest 500 drawings take 2
DRAWINGS_OF_REQUEST = 50  # that are checked or read for one request
MAX_DRAWING_STROKES = 40  # of a drawing that is kept
MAX_DRAWING_POINTS = 300  # of a drawing that is kept, about: more are thinned out until they fit
MAX_DRAWINGS_CHARACTERS = 4_000_000  # of a file of drawings: twice what MAX_DRAWINGS of the largest take

# ---- what is in work at once ----

MAX_EVENTS = 512  # that wait in Gradio's queue
EVENTS_OF_PAGE = 130  # of these, by one name: what may come at once
EVENTS_OF_ADDRESS = 240  # of these, by one address, however many names it uses: others must find room
EVENTS_IN_LANE = 40  # of these, of a kind that is worked off a few at a time: as many as Gradio's client sends at once
READING_SLOTS = 2  # of the 40 in which Gradio works off its queue, for the named reading endpoints together
PICTURES_AT_ONCE = 2  # that are read: a large one takes a second and 300 MB
PAGES_OF_RUN = 3  # that show it: each holds one of the 40 slots, and nine runs are waiting or learning at most
PROGRAM_RUNS = 2  # of an address that come by /retrain, waiting ones included

# ---- what one client may send ----

# What is read before the gate is asked. A browser sends 20 header lines, 64 KB are what uvicorn and nginx accept.
MAX_ADDRESS, MAX_HEAD_LINES, MAX_HEAD_BYTES, MAX_CHUNKS, MAX_PIPELINED = 8_192, 100, 65_536, 100, 10
MAX_QUERY, MAX_CONTENT_TYPE = 2_000, 250  # bytes: the longest that the page sends have 200
MAX_BODY_BYTES = 1_500_000  # of a request that is no file: 20,000 points, with all their decimals, take half of it
MAX_HELD_BYTES = 60_000_000  # of the requests of one address that are being received
# A body must come at this rate, on the whole: 32 kbit/s, what the slowest telephones send.
SLOWEST_BODY = 4000  # bytes a second
BODY_PATIENCE = 10.0  # seconds more than that
# Python makes up to 50 times as much of JSON as it has bytes, of JSON that is nothing but brackets, and Gradio walks
# through it several times. These are more than 50 of the largest drawings have, or 20,000 points.
MAX_LISTS, MAX_OBJECTS, MAX_COMMAS = 21_000, 1_000, 50_000
MAX_DEPTH, MAX_QUOTES = 50, 20_000
PAGE_VALUES = 2_000  # of a handler of the page: a form has 30
# A request counts as one unit, and as one more for each of these: the longer it is, the longer it takes to read. A
# number of 12 digits has 24 strokes.
BYTES_PER_UNIT, VALUES_PER_UNIT, STROKES_PER_UNIT = 16_384, 1_500, 30
# A call of Gradio's functions counts as one more for each of the latter beyond the former.
FREE_CALL_VALUES, CALL_VALUES_PER_UNIT = 3_000, 250
REFUSAL_SECONDS = 1.0  # until a refusal is answered: who asks again at once then costs next to nothing
MAX_WAITING_REQUESTS = 2000  # of all clients
WAITING_OF_ADDRESS = 400  # of these


@dataclass(frozen=True)
class Rate:
    """How much of something a client may send.

    Attributes:
        per_second: in the long run.
        burst: at once, after a pause.
        patience: seconds that a request may wait for its turn; one that would wait longer is refused.
    """

    per_second: float
    burst: float
    patience: float = 1.0


# A page asks for 14 readings a second at most, one at a time, and once more whenever the pen is lifted. A class of 30
# behind one address may all draw at once.
READINGS_OF_ADDRESS = Rate(200, 400, patience=0.3)  # of those without a session; 1 ms each
READINGS_OF_SESSIONS = Rate(450, 900)  # of all sessions of an address: 30 visitors, 15 readings a second each
CALLS_OF_SESSION = Rate(40, 120)  # what a slider causes that is dragged
CALLS_OF_SESSIONS = Rate(200, 1200)  # of all sessions of an address

# The named endpoints, 9 ms a call. Gradio's client has up to 40 calls under way, which wait for a second then. One
# that calls itself by a name of Gradio's has a rate of its own, since several may share an address; but names cost
# nothing, so that all of an address together have one, too.
CALLS_OF_PROGRAM = Rate(40, 120, patience=2.0)
CALLS_OF_PROGRAMS = Rate(60, 600, patience=2.0)

OPENINGS_OF_ADDRESS = Rate(10, 60, patience=5.0)  # of pages, which ask for a session: a class of 30 comes at once
PAGES_OF_ADDRESS = Rate(60, 3000, patience=5.0)  # whatever is fetched; opening the page counts 20
ASSETS_OF_ADDRESS = Rate(500, 10_000)  # scripts and styles, 100 for each page that is opened for the first time

STREAMS_OF_ADDRESS = 600  # by which pages and programs listen: three times as many as its visitors may have open

# Files that are uploaded lie on the disk for an hour or so. What may come in that time bounds what lies there: twice as
# much, 6 GB with files of 20 MB.
FILE_SECONDS = 3600  # how long a file is kept
SWEEP_SECONDS = 600  # between two looks for files that are older
FILES_OF_ADDRESS = 15  # of the largest size, at once and again in an hour; photographs are smaller
FILES_OF_ALL = 150
MAX_FILE_PARTS = 4  # of an upload: the page sends one file at a time
MIN_FILE_BYTES = 20_000  # that each counts as, however small: files take more than their content


@dataclass(frozen=True)
class Limits:
    """What a host may want to change.

    Attributes:
        upload_megabytes: of one file. A photograph of a telephone has 3 to 12 MB, the largest run's `.zip` 17.
        sessions: visitors at the same time. One who draws takes 0.7 MB, one with 12 runs 90.
        waiting_runs: that wait for the machine, besides the one that has it.
        train_seconds: that a run may take; all who wait behind it wait as long.
        readings_per_second: of one visitor's pad.
    """

    upload_megabytes: float = 20.0
    sessions: int = 500
    waiting_runs: int = 8
    train_seconds: float = 600.0
    readings_per_second: float = 30.0

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Limits:
        """The limits, those changed that the environment has variables of.

        Raises:
            ValueError: a variable is not a number that is accepted; says which are.
        """
        changed: dict[str, Any] = {}
        for field in fields(cls):
            variable, low, high = VARIABLES[field.name]
            text = environment.get(variable)
            if text:
                changed[field.name] = _parsed(variable, text, low, high, is_whole=isinstance(field.default, int))
        return cls(**changed)

    @property
    def upload_bytes(self) -> int:
        """Of one file."""
        return int(self.upload_megabytes * 1_000_000)

    @property
    def uploads_of_address(self) -> Rate:
        """Bytes of files."""
        return Rate(FILES_OF_ADDRESS * self.upload_bytes / FILE_SECONDS, FILES_OF_ADDRESS * self.upload_bytes)

    @property
    def uploads_of_all(self) -> Rate:
        """Bytes of files."""
        return Rate(FILES_OF_ALL * self.upload_bytes / FILE_SECONDS, FILES_OF_ALL * self.upload_bytes)

    @property
    def sessions_of_address(self) -> int:
        """Visitors at the same time from one address: a school, but not all there is room for."""
        return max(1, self.sessions // 5)

    @property
    def runs_of_address(self) -> int:
        """Runs of one address that learn or wait: one place in four stays free for others."""
        return max(1, self.waiting_runs * 3 // 4) + 1

    @property
    def readings_of_session(self) -> Rate:
        """Of one visitor's pad, and what else the page asks while one draws."""
        return Rate(self.readings_per_second, 2 * self.readings_per_second)


# By field of Limits: the environment variable, the lowest and the highest value.
VARIABLES: dict[str, tuple[str, float, float]] = {
    "upload_megabytes": ("MAX_UPLOAD_MB", 1, 1000),
    "sessions": ("MAX_SESSIONS", 1, 10_000),
    "waiting_runs": ("MAX_WAITING_RUNS", 1, 100),
    "train_seconds": ("MAX_TRAIN_SECONDS", 1, 1_000_000),
    "readings_per_second": ("MAX_READINGS_PER_SECOND", 1, 1000),
}


def _parsed(variable: str, text: str, low: float, high: float, is_whole: bool) -> float:
    kind = int if is_whole else float
    try:
        value = kind(text)
    except ValueError:
        value = kind(0)
    if not low <= value <= high:
        noun = "whole number" if is_whole else "number"
        raise ValueError(f"{variable} must be a {noun} from {low:,.0f} to {high:,.0f}. Received: {text!r}")
    return value
