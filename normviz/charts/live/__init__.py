"""The live view of a run: its ES modules and style sheet."""
