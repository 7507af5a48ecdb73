"""Lists into panels: reading, shards, the do-not-survey list, sampling, published sets."""
