"""Tests of the mock population registry."""
