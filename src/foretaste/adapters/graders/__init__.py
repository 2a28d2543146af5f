"""Find a behavior in a rollout."""
