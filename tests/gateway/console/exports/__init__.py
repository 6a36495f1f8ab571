"""Tests of exports in the background."""
