"""Tables of core's own machinery (bus, locks, jobs, ledger) as Django models: one tool migrates them; nobody else need import this."""
