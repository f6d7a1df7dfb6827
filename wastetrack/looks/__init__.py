"""Who has looked at whose data: the record of looks by those who are not a party to it themselves."""
