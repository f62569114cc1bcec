"""pytest plugin: a host with chosen plugins on a temporary embedded stack."""
