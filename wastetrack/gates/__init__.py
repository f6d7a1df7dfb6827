"""Devices at a gate that go on without network: enrolled to a site, they hold what is expected and keep their scans."""
