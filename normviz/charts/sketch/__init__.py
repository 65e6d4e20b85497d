"""The browser component on which a student draws a guess: one value at each place, by finger, mouse or keys."""
