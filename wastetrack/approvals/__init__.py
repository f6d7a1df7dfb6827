"""Approvals that a transfer rests on: across provinces, from point to point, within a group of firms."""
