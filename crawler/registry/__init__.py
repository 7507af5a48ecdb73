"""Reference data: who crawls, under which name and for what, each fact dated and sourced."""
