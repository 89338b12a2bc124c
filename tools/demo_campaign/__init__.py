"""A whole campaign in a minute: an index of many projects, four months, and people of several characters."""
