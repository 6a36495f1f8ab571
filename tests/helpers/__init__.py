"""Things tests of several packages use."""
