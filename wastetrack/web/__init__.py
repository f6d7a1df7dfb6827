"""Pages: each handler parses, calls one use case or query, renders. They work without script."""
