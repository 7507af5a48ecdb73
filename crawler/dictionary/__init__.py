"""Every table, column, stored value and signal with its sentences."""
