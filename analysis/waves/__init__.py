"""Waves beside each other: how far, how healthy, what changed."""
