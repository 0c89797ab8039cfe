"""Pages of insights: what anyone may see, and what a county plans by."""
