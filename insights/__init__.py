"""Sales and income rolled up, and reports that anyone can check."""
