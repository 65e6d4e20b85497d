"""What the server does, for who runs it."""

from normviz.ui import operator

operator.draw()
