"""Normalizations of (batch, channels, positions …), one file each; a unit is a channel with one value."""
