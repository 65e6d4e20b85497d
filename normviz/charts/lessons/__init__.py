"""Pictures of the lessons: arrays in, Plotly figures out."""
