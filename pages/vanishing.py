"""What is left of a gradient that has come down through ten layers?"""

from normviz.charts.lessons import vanishing
from normviz.ui.lessons import demo_vanishing
from normviz.ui.lessons.page import page

page("vanishing", demo_vanishing.draw, vanishing.beside_published)
