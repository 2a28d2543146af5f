"""What a report says of its judge."""

from dataclasses import replace

from foretaste.findings import Grading, Steering
from foretaste.report.html import render
from foretaste.report.judging import judging, steered, steering_rows
from foretaste.report.ledger import losses
from unit.report.conftest import *  # noqa: F403
