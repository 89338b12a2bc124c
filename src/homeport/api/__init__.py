"""Machines ask: installers, uploaders, scripts."""
