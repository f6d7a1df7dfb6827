"""What the rules reach on worlds whose truth is known, and what simple methods reach on the same worlds."""
