"""Lesson: why preprocess the inputs?"""

from normviz.ui.lessons import demo_preprocessing
from normviz.ui.lessons.page import page

page("preprocessing", demo_preprocessing.draw)
