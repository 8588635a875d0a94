"""What a user can ask for, composed from ports and domain functions."""
