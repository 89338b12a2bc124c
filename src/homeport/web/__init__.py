"""Browsers ask: pages for people, rendered on the server, whole without JavaScript."""
