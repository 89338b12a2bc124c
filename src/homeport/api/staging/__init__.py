"""Upload 2.0: the draft of PEP 694, at an address of its own, where the index's operator wants it."""
