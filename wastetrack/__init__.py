"""wastetrack: manifests and a mass ledger in which every kilogram is in exactly one account."""

__version__ = "0.1.0"
