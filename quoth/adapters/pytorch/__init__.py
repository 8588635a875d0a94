"""What every adapter that computes with torch has to know of its errors and its packages."""
