"""What the program answers to lists of security requirements, each answer beside the test that shows it."""
