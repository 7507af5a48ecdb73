"""Bytes to structure. These modules know nothing of opt-outs and never raise on input."""
