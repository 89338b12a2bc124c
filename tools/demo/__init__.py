"""Stories that are played in the terminal, with the real programs."""
