"""The live stream: one WebSocket a page, over which a run is opened, steered and watched. No torch, no streamlit."""
