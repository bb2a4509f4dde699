"""python -m tests.faults: see tests/faults/run.py."""

from tests.faults.run import main

main()
