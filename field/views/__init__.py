"""Pages of entries, and what makes them an app on the phone."""
