"""How large should the first weights be?"""

from normviz.charts.lessons import initialization
from normviz.ui.lessons import demo_initialization
from normviz.ui.lessons.page import page

page("initialization", demo_initialization.draw, initialization.shown)
