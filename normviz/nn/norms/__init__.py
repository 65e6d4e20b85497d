"""Normalizations of (batch, features), one file each."""
