"""The history: what a session was, kept in a database that another process writes."""
