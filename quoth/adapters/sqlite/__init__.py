"""What all who use SQLite share."""
