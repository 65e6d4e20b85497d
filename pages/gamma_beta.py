"""Why scale and shift what has just been normalized?"""

from normviz.charts.lessons import gamma_beta
from normviz.ui.lessons import demo_gamma_beta
from normviz.ui.lessons.page import page

page("gamma_beta", demo_gamma_beta.draw, gamma_beta.paths)
