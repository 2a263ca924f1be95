"""The doctor: what a caller on the network would meet, found out without starting the server.

`probes` look, `judgement` says what it means, `examination` does both, `report` shows it.
"""

from web.doctor.examination import Setup, examine
from web.doctor.report import Finding, Report

__all__ = ["Finding", "Report", "Setup", "examine"]
