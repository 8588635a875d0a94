"""Ports fulfilled in memory: for trying things out and for tests."""
