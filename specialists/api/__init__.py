"""What a specialist does by program."""
