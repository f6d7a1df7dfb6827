"""What looks wrong in the records: rules over the columnar copy, their statistics, and what was found."""
