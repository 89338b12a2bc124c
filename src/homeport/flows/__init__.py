"""What happens: one use case per file."""
