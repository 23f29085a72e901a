"""What Meta does to accounts, numbers, portfolios and templates by itself: the record changes, the webhook tells."""
