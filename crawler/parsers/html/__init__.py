"""Pages: elements, visible text, and the addresses in them."""
