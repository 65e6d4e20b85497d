"""All lessons as cards."""

from normviz.ui.lessons import index

index.page()
