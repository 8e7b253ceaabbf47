"""Does a test fail for each guard that is taken away?

`./console test --mutate [ARGUMENT ...]` loads the rooms with a switch at each guard and runs the
tests. Where a guard refused something, the test runs again without it, until one fails. Workers
tell each other by files; at the end the guards are listed that nobody missed.
"""
