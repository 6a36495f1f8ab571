"""Tests of what auditors review."""
