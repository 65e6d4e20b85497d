"""The receipt of a run: its data, its facts, a script that repeats it, a report, a recording to look at again."""
