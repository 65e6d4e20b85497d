"""How deep a network can be trained, and can that be known before training?"""

from normviz.charts.lessons import chaos
from normviz.ui.lessons import demo_chaos
from normviz.ui.lessons.page import page

page("chaos", demo_chaos.draw, chaos.trained)
