"""Lesson: the family of normalizations."""

from normviz.ui.lessons import demo_family
from normviz.ui.lessons.page import page

page("family", demo_family.draw)
