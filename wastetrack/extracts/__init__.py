"""The read-only columnar copy of the records: what stands in it, writing it, reading it.

The same tables are what `wastetrack simulate` writes and what `wastetrack checks run --data` takes from anybody.
"""
