"""Taking values out of a history, and proving that they are gone."""
