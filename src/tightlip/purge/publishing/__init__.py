"""What is left to do when a history has been rewritten: files for who publishes it, for colleagues, for the host."""
