"""Notebooks for researchers, as plain Python with cells (jupytext py:percent).

Open one in Jupyter or an editor that knows `# %%` cells, or run all of them into HTML pages
with `python -m analysis.notebooks.run`. The database is `OPTOUT_DB`, or else demo/survey.db.
"""
