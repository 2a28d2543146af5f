"""A proxy on this machine that writes down what an application asks of its provider."""
