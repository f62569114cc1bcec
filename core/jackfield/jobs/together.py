"""Runs the parts of a process in threads that stand and fall together."""

import threading
from collections.abc import Callable, Mapping
from typing import Final

PART_STOP_SECONDS: Final = 15.0


def run_together(parts: Mapping[str, Callable[[], None]], stop: threading.Event) -> None:
    """Run each part in a thread until all have ended; when one breaks, tell the others to stop, and raise what it raised.

    A part that does not end within 15 s of being told so is left behind.
    """
    broken: list[BaseException] = []

    def run(part: Callable[[], None]) -> None:
        try:
            part()
        except BaseException as problem:  # not swallowed: raised below, in the thread that everybody looks at
            broken.append(problem)
            stop.set()

    threads = [threading.Thread(target=run, args=(part,), name=name, daemon=True) for name, part in parts.items()]
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join(PART_STOP_SECONDS)
    if broken:
        raise broken[0]
