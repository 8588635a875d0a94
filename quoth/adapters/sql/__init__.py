"""Jobs in a database: SQLite in the data folder, or Postgres."""
