"""What places offer, out of their pages: one reader for each kind of page, bounded, and none that raises."""
