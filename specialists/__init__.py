"""What a county's specialist does: who needs a person today, visits, and acts for households that asked for it."""
