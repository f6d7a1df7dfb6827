"""What the law asks of whoever uses the system, clause by clause, and the test that shows it or why none can."""
