"""Advice, mends, generated files and edits of a robots.txt, purely."""
