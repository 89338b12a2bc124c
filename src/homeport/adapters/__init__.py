"""How we reach what is outside the process."""
