"""One site: what is asked in which order, our own right to fetch, and the outcome."""
