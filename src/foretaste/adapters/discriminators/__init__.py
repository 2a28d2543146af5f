"""Who tells a simulated turn from a real one."""
