"""Telling others what happens here, and being told by forges."""
