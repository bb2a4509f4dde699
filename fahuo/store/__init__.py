"""TOUCH: the tables. One function, one statement; sets in, the rows that moved out."""
