"""What every adapter that computes with torch on a GPU has to know of its errors."""
