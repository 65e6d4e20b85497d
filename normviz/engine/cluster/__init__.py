"""Runs that train in a Ray cluster: one actor a run. Nothing here is imported unless NORMVIZ_ENGINE=ray."""
