"""Does BatchNorm help because it holds the distributions of layers' inputs still?"""

from normviz.charts.lessons import covariate_shift
from normviz.ui.lessons.page import page

page("covariate_shift", picture=covariate_shift.unsteady)
