"""Plans on paper and the small maps of findings: windows of the ground at a true scale, and all that stands round them.

Reading order: :mod:`~tiles.plans.plan` (a plan as a whole), :mod:`~tiles.plans.drawing` (its map window),
:mod:`~tiles.plans.sheet` (the sheet around it), :mod:`~tiles.plans.page` (the sheets as PDF).
"""
