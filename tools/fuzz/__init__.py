"""``make fuzz``: every parser of foreign bytes, given bytes that nobody meant (G-17)."""
