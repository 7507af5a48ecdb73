"""From open lists of creators to a drawn panel with weights, and the account of how it was drawn.

`sources` reads what the user has, `frame` decides what is a site of the population and what is
dropped and why, `allocation` shares the sample among strata, `draw` takes it, `methodology`
writes the account, `compare` looks at panels that exist. Everything but `sources` and
`redirects` is pure.
"""
