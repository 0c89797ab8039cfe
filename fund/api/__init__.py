"""The fund for programs."""
