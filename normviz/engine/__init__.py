"""Where runs run: worker processes that train, and the registry of runs in the web process (which never trains)."""
