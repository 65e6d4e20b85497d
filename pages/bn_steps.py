"""Lesson 5: Batch Normalization as a computation graph, forward and backward."""

from normviz.ui.lessons import demo_bn_steps
from normviz.ui.lessons.page import page

page("bn_steps", demo_bn_steps.draw)
