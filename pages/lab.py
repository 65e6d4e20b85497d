"""The Lab: set a network up, train it, and look inside."""

from normviz.ui import lab

lab.page()
