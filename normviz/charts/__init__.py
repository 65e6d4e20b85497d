"""From frames to pictures. ``live`` is the browser component."""
