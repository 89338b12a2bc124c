"""A release is put together, looked at, and published at once (PEP 694)."""
