"""One manifest from the label to the treatment, through the HTTP API alone, as four firms' own programs would do it."""
