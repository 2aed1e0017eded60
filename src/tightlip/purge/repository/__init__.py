"""A repository while its history is rewritten: what it is, what keeps it safe, how its refs move, and the way back."""
