"""Where pages ended, so that the next one begins there instead of counting all that came before.

A client that reads a county by the hundred asks three thousand times, each time further in: without bookmarks the
last of them step over three hundred thousand rows. They hold for one state of a layer, whose version is in the key.
"""

from __future__ import annotations

import bisect
import threading
from collections import OrderedDict

KEYS, MARKS = 200, 5_000
_marks: OrderedDict[str, list[tuple[int, int]]] = OrderedDict()
_lock = threading.Lock()


def nearest(key: str, start: int) -> tuple[int, int | None]:
    """The furthest known position up to ``start``, and the id of the last feature before it; 0, None for none."""
    with _lock:
        known = _marks.get(key)
        at = bisect.bisect_right(known, (start, 2**63)) if known else 0
        return known[at - 1] if known and at else (0, None)


def remember(key: str, position: int, last_id: int) -> None:
    """Features before ``position`` end with this id."""
    with _lock:
        known = _marks.setdefault(key, [])
        _marks.move_to_end(key)
        if len(known) < MARKS and (position, last_id) not in known[-1:]:
            at = bisect.bisect_left(known, (position, last_id))
            if known[at : at + 1] != [(position, last_id)]:
                known.insert(at, (position, last_id))
        if len(_marks) > KEYS:
            _marks.popitem(last=False)
