"""Known secrets: those that a team has, searched for exactly, with no false alarm and without writing one down."""
