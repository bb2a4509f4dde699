"""Faults on purpose: everything is killed at random instants, and an independent checker reads what is left."""
