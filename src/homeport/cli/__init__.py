"""Operators and maintainers ask, in a terminal."""
