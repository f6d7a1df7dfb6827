"""What is fitted to the records: small tables that rules join, aggregated where the records are and solved here."""
