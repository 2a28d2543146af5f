"""Settings of the whole suite."""

import os

from hypothesis import HealthCheck, settings

# How fast inputs are made is a matter of what else the machine does, and no test's business.
settings.register_profile("desk", suppress_health_check=[HealthCheck.too_slow])
# CI must not fail by luck on a change that did not cause it; at a desk new cases are welcome.
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
