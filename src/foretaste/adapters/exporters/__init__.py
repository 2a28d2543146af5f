"""What a finished run found, for other tools."""
