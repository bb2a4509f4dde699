"""Upgrades: the tables of the first release, with data of its time, through every migration; and which migrations the code
before them survives."""
