"""Campaigns: many projects are moved on an announced day, and who maintains them is told in time."""
