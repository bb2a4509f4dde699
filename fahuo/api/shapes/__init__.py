"""What each operation takes and gives, one file a noun. No Django, no tables: the client reads these files, too."""
