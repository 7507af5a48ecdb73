"""One request becomes one Capture, within limits, politely, and from public addresses only."""
