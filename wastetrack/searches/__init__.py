"""What a person keeps of a list: filters under a name, and which columns it shows. Nobody else sees either."""
