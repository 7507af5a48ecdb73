"""Exports, and the bundle that can be cited."""
