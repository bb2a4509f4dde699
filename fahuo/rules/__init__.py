"""THINK: pure rules. No Django, no input or output, no clock: time is an argument."""
