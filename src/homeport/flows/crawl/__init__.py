"""Looking for release files outside."""
