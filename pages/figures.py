"""Published figures, run again."""

from normviz.ui import figures

figures.draw()
