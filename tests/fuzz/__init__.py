"""Bad inputs at every door, by the hundred thousand: none is answered 5xx, none leaves half of a write behind.

    python -m tests.fuzz [--inputs N] [--seed S] [--first N] [door ...]

`spoil` and `grow` make the inputs, `doors/` sends them as the world outside would, `watching` sees every row that moved,
`judging` says what must not be, `run` counts.
"""
