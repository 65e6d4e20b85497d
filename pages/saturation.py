"""Where on its curve does each layer work?"""

from normviz.charts.lessons import saturation
from normviz.ui.lessons import demo_saturation
from normviz.ui.lessons.page import page

page("saturation", demo_saturation.draw, saturation.means)
