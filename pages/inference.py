"""Which mean and which variance does BatchNorm use when there is no minibatch?"""

from normviz.charts.lessons import inference
from normviz.ui.lessons import demo_inference
from normviz.ui.lessons.page import page

page("inference", demo_inference.draw, inference.course)
