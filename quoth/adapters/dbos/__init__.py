"""Jobs run durably by DBOS."""
