"""A published figure beside ours: its ES modules and style sheet."""
