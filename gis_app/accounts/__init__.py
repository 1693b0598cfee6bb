"""Who programs and people are, and the record of what was done in their name."""
