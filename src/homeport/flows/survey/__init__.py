"""Surveys: looking at projects' sources, and keeping no bytes."""
