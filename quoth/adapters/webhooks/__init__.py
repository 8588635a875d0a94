"""Webhooks over HTTP, signed by the Standard Webhooks scheme."""
