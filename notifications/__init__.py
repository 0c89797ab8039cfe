"""What to tell whom, and over which channel."""
