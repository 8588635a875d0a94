"""The only place that names concrete adapters: builds the object graph from the settings."""
