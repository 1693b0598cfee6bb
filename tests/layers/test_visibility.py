"""Who may see a layer: the catalogue's word, narrowed by an installation and never widened."""

from __future__ import annotations

import pytest

from layers import visibility
from layers.catalogue import catalogue, get_layer


def test_the_circles_lie_inside_each_other() -> None:
    everybody, operators, staff = (set(visibility.visible(circle)) for circle in visibility.CIRCLES)
    assert everybody <= operators <= staff == set(catalogue())


def test_scanned_sheets_are_for_staff_only() -> None:
    scan = get_layer("planning.scan")
    assert [visibility.may_see(circle, scan) for circle in visibility.CIRCLES] == [False, False, True]


def test_an_installation_narrows_a_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    node = get_layer("utilities.node")
    assert visibility.may_see("public", node)
    monkeypatch.setenv("VATRA_VISIBILITY", '{"utilities.node": "operator"}')
    assert [visibility.may_see(circle, node) for circle in visibility.CIRCLES] == [False, True, True]


def test_what_is_derived_from_a_narrowed_layer_is_narrowed_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    zones = get_layer("derived.protection_zone")
    assert visibility.may_see("public", zones)
    monkeypatch.setenv("VATRA_VISIBILITY", '{"utilities.line": "operator"}')
    assert [visibility.may_see(circle, zones) for circle in visibility.CIRCLES] == [False, True, True]
    assert visibility.may_see("public", get_layer("derived.kilometre_post"))


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ('{"planning.scan": "public"}', "planning.scan to 'public'; the catalogue allows 'staff' at most"),
        ('{"planning.scna": "staff"}', "'planning.scna', which is no layer"),
    ],
)
def test_wrong_settings_are_refused(monkeypatch: pytest.MonkeyPatch, setting: str, complaint: str) -> None:
    monkeypatch.setenv("VATRA_VISIBILITY", setting)
    with pytest.raises(visibility.WidenedVisibility, match=complaint):
        visibility.visible("public")
