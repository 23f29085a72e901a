"""The only door to Meta's Cloud API: typed clients, errors, signatures. Nothing else imports httpx."""
