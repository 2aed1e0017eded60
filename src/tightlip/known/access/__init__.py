"""Who can read the secrets of a vault, as far as it tells: policies, and who has them. No secret is read."""
