"""The console's door over HTTP: sign-in, single sign-on, sign-out, accounts, and the guard before every page."""
