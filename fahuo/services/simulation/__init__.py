"""Stories played through the real services on a clock of their own, in tables that vanish afterwards."""
