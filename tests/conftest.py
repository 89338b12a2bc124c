"""Journeys come first: they take long, and whoever has them must not end after everybody else."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files go to workers in this order (``--no-loadscope-reorder``); within journeys, and within the rest, it stays."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)
