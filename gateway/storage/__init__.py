"""Where the access log lives: `contract` says what a store promises, `opening` finds the engine that keeps it."""
