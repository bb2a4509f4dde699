"""Django's PostgreSQL, standing where it should before each statement (fahuo.store.wall)."""
