"""Pages of campaigns: list, composer, review, live page and the commands between them."""
