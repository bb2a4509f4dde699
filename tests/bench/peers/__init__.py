"""Fahuo beside other open software on the same work: `make bench-peers`. See docs/bench.md."""
