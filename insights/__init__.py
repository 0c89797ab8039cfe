"""Sales and income roll-ups, public reports. Nothing is built here yet."""
