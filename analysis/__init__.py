"""Published numbers from a survey database; sees nothing but the SQLite file."""
