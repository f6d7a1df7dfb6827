"""The tables of an extract, by what they are about."""
