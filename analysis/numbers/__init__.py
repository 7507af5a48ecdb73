"""Verdicts into numbers: summary, indicators, practicality. One .sql file each."""
