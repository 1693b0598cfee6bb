"""Repeated keys are noticed across batches."""

from __future__ import annotations

import pyarrow as pa

from layers.keys import Keys


def test_repeats_across_batches() -> None:
    keys = Keys()
    keys.add([pa.array([1, 2], pa.int32()), pa.array(["a", "b"])])
    keys.add([pa.array([2, 1], pa.int32()), pa.array(["a", "b"])])
    assert not keys.may_repeat()
    keys.add([pa.array([2], pa.int32()), pa.array(["b"])])
    assert keys.may_repeat()


def test_columns_are_not_run_together() -> None:
    keys = Keys()
    keys.add([pa.array(["ab", "a"]), pa.array(["c", "bc"])])
    assert not keys.may_repeat()


def test_layers_without_a_key_never_repeat() -> None:
    keys = Keys()
    keys.add([])
    assert not keys.may_repeat()
