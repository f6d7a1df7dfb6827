"""What is fitted to the records: gathered relationally, fitted in memory, given back as a small table."""
