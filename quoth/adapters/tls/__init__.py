"""Certificates for https: made here by `openssl`, read anew when they change."""
