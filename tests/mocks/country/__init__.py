"""Tests of the synthetic country."""
