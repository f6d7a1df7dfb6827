"""Files of many rows: checked row by row and column by column, and, once confirmed, taken in whole or not at all."""
