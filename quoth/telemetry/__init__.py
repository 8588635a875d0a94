"""Numbers about a running server, for Prometheus. No label holds text, names or tokens."""
