"""The terms, each with the lesson and the control that show it."""

from normviz.ui.lessons import glossary

glossary.page()
