"""What can be found by words: one table that the database itself keeps, and the one way to look into it."""
