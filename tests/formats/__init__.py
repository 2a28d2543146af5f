"""Small good logs, a module a format; every one of them goes through tests/contracts."""
