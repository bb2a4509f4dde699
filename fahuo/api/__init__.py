"""Doors for machines: beside the pages, on the same services with the same permissions."""
