"""How large a step can a network take, and what does BatchNorm change about it?"""

from normviz.charts.lessons import learning_rate
from normviz.ui.lessons import demo_learning_rate
from normviz.ui.lessons.page import page

page("learning_rate", demo_learning_rate.draw, learning_rate.losses)
