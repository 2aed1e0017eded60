"""New objects in place of those that hold a value, and of what is above them."""
