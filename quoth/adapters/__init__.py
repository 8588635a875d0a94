"""Ports fulfilled with concrete technology, one package for each; none imports another."""
