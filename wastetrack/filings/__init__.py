"""Reports that were submitted to the authority, frozen with their figures."""
