"""Settings of the whole suite."""

import os

from hypothesis import settings

# CI must not fail by luck on a change that did not cause it; at a desk new cases are welcome.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
