"""What a job of a CI platform is to scan: what the platform says of the change, and what that means in the clone."""
