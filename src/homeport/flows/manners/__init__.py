"""Politeness towards other people's servers: turns, robots.txt, and what administrators do with hosts."""
