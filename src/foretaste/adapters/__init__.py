"""Plug-ins of Foretaste's own, one folder a port."""
