"""Homeport: a self-hosted Python package index that brings release files home."""

__version__ = "0.1.0"
