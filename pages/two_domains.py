"""What does one moving average make of two kinds of pictures?"""

from normviz.charts.lessons import heldout
from normviz.ui.lessons.page import page

page("two_domains", picture=heldout.over_steps)
