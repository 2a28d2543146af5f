"""Where the logs of the shared chat data are, if they are here."""

import pytest

from stories.places import data

CHAT = data("chat")
needed = pytest.mark.skipif(CHAT is None, reason="the shared chat data are not here")
