"""Random and coverage-guided input for every reader of what a stranger may send."""
