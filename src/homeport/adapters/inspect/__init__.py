"""Hostile bytes, parsed in a child process that has nothing to lose and can be killed."""
