"""The chain of custody as a graph: built from the log's events alone, followed both ways, drawn, packed."""
