"""Approvals and the boxes of F_CU_07_0 agree, both ways."""

import pytest

from analysis.reference import approval_kinds
from layers.yaml_lines import load_with_lines

GROUPS = {"approvals_direct": "direct", "approvals_single": "single_agreement"}


@pytest.fixture(scope="module")
def boxes(request):
    """Box id → (approvals that tick it, route of its group), from the form's own file."""
    path = request.config.rootpath / "gis_app/certificates/forms/blocks.yaml"
    content, _ = load_with_lines(path.read_text(encoding="utf-8"))
    found = {}
    for block, route in GROUPS.items():
        for part in content[block]:
            for box in part.get("boxes", ()):
                codes = box.get("tick", {}).get("approvals", ())
                if codes:
                    found[box["id"]] = (tuple(codes), route)
    return found


def test_every_box_an_approval_names_is_ticked_by_it(boxes):
    for kind in approval_kinds().values():
        if kind.box:
            codes, route = boxes[kind.box]
            assert kind.code in codes
            assert kind.route == route


def test_every_box_is_ticked_by_approvals_that_exist_and_name_it(boxes):
    kinds = approval_kinds()
    for box, (codes, _) in boxes.items():
        assert [code for code in codes if kinds[code].box != box] == []


def test_approvals_without_a_box_have_a_group_to_be_written_in():
    loose = {kind.code for kind in approval_kinds().values() if kind.box is None}
    assert loose == {"road-administrator", "natural-area", "forest", "mineral-resources"}
