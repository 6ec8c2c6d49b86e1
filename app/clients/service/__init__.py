"""What is done with clients and tokens."""
