"""normviz: watch what normalization, activation and initialization do inside a network while it trains."""
