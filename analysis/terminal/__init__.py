"""Numbers as tables for a terminal."""
