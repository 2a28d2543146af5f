"""`foretaste scan`: what a log holds."""

from typing import Annotated

from cyclopts import Parameter

from foretaste.cli.screen import say_json, show
from foretaste.cli.tags import parse_tags
from foretaste.outlook import scan as read
