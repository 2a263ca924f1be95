"""What runs when: consent, wishes and pauses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webrtc.activity import Activity, Refused
from webrtc.messages import Consent, Pause, Resume, SetConsent, StartRecording, StopRecording

BOTH = Consent(analysis=True, recording=True)


def test_absent_consent_means_no():
    assert not Activity().analysing and not Activity().recording


def test_analysis_runs_with_its_consent_and_recording_when_it_is_started_too():
    activity = Activity(consent=BOTH)
    assert activity.analysing and not activity.recording
    assert activity.start_recording().recording
    assert not activity.start_recording().stop_recording().recording


def test_recording_without_consent_is_refused_with_a_stable_code():
    with pytest.raises(Refused) as refusal:
        Activity(consent=Consent(analysis=True)).start_recording()
    assert refusal.value.code == "consent_required"


def test_withdrawn_consent_ends_recording_and_new_consent_does_not_begin_it():
    recording = Activity(consent=BOTH).start_recording()
    withdrawn = recording.with_consent(Consent(analysis=True))
    assert not withdrawn.recording
    assert not withdrawn.with_consent(BOTH).recording


def test_a_wish_of_the_page_comes_to_what_it_says():
    asked = SetConsent(
        type="set_consent", analysis=True, recording=True, consent_version="3", told=["api.example.org"]
    )
    activity = Activity().after(asked)
    assert (activity.consent, activity.consent_version) == (BOTH, "3")
    assert activity.told == {"api.example.org"}
    recording = activity.after(StartRecording(type="start_recording"))
    assert recording.recording and not recording.after(StopRecording(type="stop_recording")).recording
    paused = recording.after(Pause(type="pause", what="recording"))
    assert not paused.recording and paused.after(Resume(type="resume", what="recording")).recording


def test_a_wish_that_consent_is_missing_for_is_refused():
    with pytest.raises(Refused):
        Activity().after(StartRecording(type="start_recording"))


@pytest.mark.parametrize("what", ["analysis", "recording"])
def test_pause_suspends_one_and_resume_takes_it_up(what):
    activity = Activity(consent=BOTH).start_recording()
    paused = activity.pause(what)
    assert (paused.analysing, paused.recording) == (what != "analysis", what != "recording")
    assert paused.resume(what) == activity


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("consent"), st.booleans(), st.booleans()),
            st.tuples(st.sampled_from(["start", "stop"])),
            st.tuples(st.sampled_from(["pause", "resume"]), st.sampled_from(["analysis", "recording"])),
        )
    )
)
def test_nothing_ever_runs_without_its_consent(steps):
    activity = Activity()
    for step in steps:
        match step:
            case ("consent", analysis, recording):
                activity = activity.with_consent(Consent(analysis=analysis, recording=recording))
            case ("start",):
                try:
                    activity = activity.start_recording()
                except Refused:
                    assert not activity.consent.recording
            case ("stop",):
                activity = activity.stop_recording()
            case ("pause", what):
                activity = activity.pause(what)
            case ("resume", what):
                activity = activity.resume(what)
        assert activity.analysing <= activity.consent.analysis
        assert activity.recording <= activity.consent.recording
