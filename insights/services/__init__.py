"""Every write of insights: what was sold is rolled up, then what may be said of it in public is put out."""
