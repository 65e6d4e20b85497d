"""When does BatchNorm fail, and what stands where it falls?"""

from normviz.charts.lessons import heldout
from normviz.ui.lessons import demo_break_bn
from normviz.ui.lessons.page import page

page("break_bn", demo_break_bn.draw, heldout.over_steps)
