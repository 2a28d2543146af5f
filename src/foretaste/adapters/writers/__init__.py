"""Plug-ins that write a log in a format that others read, one file a format."""
