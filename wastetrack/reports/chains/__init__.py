"""The chain of custody as a graph: built from the log's events alone, followed forwards and backwards, drawn, packed."""
