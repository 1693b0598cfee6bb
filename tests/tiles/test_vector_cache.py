"""Finished tiles: bounded, the longest unused leave, threads do not harm each other."""

from __future__ import annotations

import threading

from tiles.vector_cache import OVERHEAD, Finished, FinishedTiles


def filled(count: int, limit: int = 20 * (1000 + OVERHEAD)) -> FinishedTiles:
    kept = FinishedTiles(limit)
    for number in range(count):
        kept.put(number, Finished(bytes(1000)))
    return kept


def test_the_longest_unused_leave() -> None:
    kept = filled(20)
    assert kept.get(0)
    kept.put("new", Finished(bytes(1000)))
    assert kept.get(0)
    assert kept.get(1) is None
    assert len(kept) == 20
    assert kept.size <= kept.limit


def test_a_compressed_copy_takes_the_place_of_the_plain_one() -> None:
    kept = filled(3)
    before = kept.size
    kept.put(1, Finished(bytes(1000), b"small"))
    assert kept.size == before + len(b"small")
    assert len(kept) == 3


def test_what_would_fill_it_alone_and_a_cache_without_room_keep_nothing() -> None:
    kept = filled(3)
    kept.put("huge", Finished(bytes(kept.limit // 5)))
    assert kept.get("huge") is None
    assert len(kept) == 3
    assert len(filled(5, limit=0)) == 0


def test_threads_keep_count() -> None:
    kept = FinishedTiles(50 * (1000 + OVERHEAD))

    def work(offset: int) -> None:
        for number in range(500):
            kept.put(offset + number % 80, Finished(bytes(number % 1000)))
            kept.get(number)

    threads = [threading.Thread(target=work, args=(offset,)) for offset in range(0, 240, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 0 < kept.size <= kept.limit
    assert kept.size == sum(tile.size for tile in kept._kept.values())
