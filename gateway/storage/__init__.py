"""Where the access log lives: `contract` says what a store promises, `sqlite` keeps it in one file."""
