"""The crawler's own way to the outside: resolve, check, connect to what was checked."""
