"""Queries stand in .sql files beside the module that runs them, to be read and run by hand.

What looks up one row or one column stays in the code, and so do the statements of the store.
"""

from functools import cache
from importlib import resources


@cache
def query(module: str, name: str) -> str:
    """Read `name`.sql from the folder of a module, of which `__name__` is given."""
    folder = resources.files(module.rpartition(".")[0])
    return folder.joinpath(f"{name}.sql").read_text("utf-8")
