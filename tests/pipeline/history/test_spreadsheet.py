"""Labels as CSV."""

from __future__ import annotations

import csv
import io

import pytest

from pipeline.history.spreadsheet import HEADER, iso, spreadsheet
from pipeline.history.views import Label
from tests.pipeline.history.samples import AT, label


def seen(**changes):
    record = label(**changes)
    return Label(**{name: getattr(record, name) for name in Label.model_fields})


def rows(*labels):
    return list(csv.DictReader(io.StringIO(spreadsheet(labels).decode(), newline="")))


def test_a_label_is_a_row_with_its_moment_in_seconds_and_in_words():
    (row,) = rows(seen(second=5.5))
    assert (row["at_epoch_s"], row["at"]) == (str(AT + 5.5), "2023-11-14T22:13:25.500Z")
    assert (row["window_start_s"], row["window_end_s"]) == ("0.5", "5.5")
    assert (row["emotion"], row["p_happy"], row["p_sad"], row["p_fear"]) == ("happy", "0.75", "0.25", "")
    assert (row["arousal"], row["provisional"], row["latency_ms"]) == ("-0.25", "false", "6.0")


def test_lines_end_as_the_rfc_wants_them_and_odd_cells_are_quoted():
    said = 'a "smile", likely\r\nand a voice'
    text = spreadsheet([seen(description=said)]).decode()
    assert text.startswith(",".join(HEADER) + "\r\n")
    assert rows(seen(description=said))[0]["description"] == said


@pytest.mark.parametrize("said", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_cell_is_never_a_formula(said):
    (row,) = rows(seen(description=said, engine=said, video_name=said))
    assert row["description"] == row["engine"] == row["video_name"] == "'" + said


def test_no_labels_are_a_header():
    assert spreadsheet([]).decode() == ",".join(HEADER) + "\r\n"


def test_a_moment_outside_the_calendar_has_no_words():
    assert iso(1e30) == "" and iso(0.0) == "1970-01-01T00:00:00.000Z"
