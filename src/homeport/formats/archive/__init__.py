"""Release files, read within bounds and never extracted: ZIP, tar, wheels and sdists."""
