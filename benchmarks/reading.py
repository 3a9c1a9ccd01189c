"""How long a reading takes: in process, over HTTP with many visitors, and in Chromium. `python -m benchmarks.reading`

`--only in_process`, `--only http` or `--only browser` measures that part alone.
"""

from __future__ import annotations

import argparse

from benchmarks import reading_in_browser, reading_in_process, reading_over_http

PARTS = {
    "in_process": reading_in_process.measure,
    "http": reading_over_http.measure,
    "browser": reading_in_browser.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=PARTS)
    only = parser.parse_args().only
    for number, part in enumerate([only] if only else PARTS):
        print(end="\n" if number else "")
        PARTS[part]()


if __name__ == "__main__":
    main()
