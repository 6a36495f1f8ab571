"""Who may use the console: accounts, passwords, second factors, sessions. No web framework, no clock, no randomness."""
