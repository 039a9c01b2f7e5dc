"""Exit codes, the same for every verb."""

FINE = 0
DIFFERENT = 1
WRONG_INPUT = 2
WORLD_FAILED = 3
BUG = 70
INTERRUPTED = 130
