"""Findings of an authority, queue by queue: one file each, read live from what the ledger knows already."""
