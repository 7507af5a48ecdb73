"""The demo web: invented sites, the truth about each, and a loopback server that plays them."""
