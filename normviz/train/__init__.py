"""Training: a Trainer steps its lanes and measures them; no threads, no clock, no input or output."""
