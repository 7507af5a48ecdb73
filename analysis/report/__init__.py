"""One wave as a folder of plain HTML."""
