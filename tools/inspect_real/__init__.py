"""Real release files, old and new, put before the inspector, which should reject no honest one."""
