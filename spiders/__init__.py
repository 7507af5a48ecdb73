"""Spiders: what to ask each site for. Dumb on purpose; nothing here judges."""
