"""How it is written: pure codecs between bytes and domain values."""
