"""ChatGPT's export of a person's data."""
