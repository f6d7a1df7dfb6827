"""Official lists in dated editions: waste codes, exemptions, method codes, regions, UN numbers."""
