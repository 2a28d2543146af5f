"""Pages that are served to a browser on this machine."""
