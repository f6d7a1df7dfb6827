"""The REST API: each handler parses JSON into a command, calls one use case or query, answers JSON."""
