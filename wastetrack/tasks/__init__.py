"""Long work with progress: begun in one request, done by a worker, found again later; it knows nothing of the work."""
