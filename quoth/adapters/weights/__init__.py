"""Models from the Hugging Face hub and from archives, kept in folders with a lock."""
