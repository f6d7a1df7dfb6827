"""Photographs and documents beside the papers: kept by their hash outside of the web, shown to who sees the paper."""
