"""Who may do what: users, projects, members, keys and stored settings. The one room of core that has Django models."""
