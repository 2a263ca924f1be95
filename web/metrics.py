"""The server's figures for Prometheus: what is counted as it happens, and what is read when somebody asks."""

from __future__ import annotations

from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from models.llm.base import Code, Finish
from pipeline.frames import Kind
from web.recent import Recent
from webrtc.registry import Registry
from webrtc.services import Services
from webrtc.session import Session

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

_RECEIVED = {
    "frames": ("frames", "Encoded frames received."),
    "bytes": ("bytes", "Bytes of encoded frames received."),
}
"""What `Received` counts: the name of the figure, and what it says."""

_RECEPTION = {
    "packets": ("packets", "RTP packets received."),
    "lost": ("packets_lost", "RTP packets lost."),
    "retransmitted": ("packets_retransmitted", "RTP packets that came again."),
    "nacks": ("packets_asked_again", "RTP packets asked for again (NACK)."),
    "plis": ("keyframes_asked", "Keyframes asked for (PLI)."),
    "undecodable": ("frames_undecodable", "Frames let go because one before them was lost."),
    "freezes": ("freezes", "How often pictures stayed away."),
}
"""What `Reception` counts, likewise."""


class Metrics:
    """Owns the registry of figures: what sessions and chats tell (`webrtc.figures.Figures`), and what is read of them
    when somebody asks, once there is something to `watch`."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, version: str) -> None:
        self._kept = CollectorRegistry()
        self._past = _Totals()
        self._recent: defaultdict[str, Recent] = defaultdict(Recent)
        Info("mien_build", "The version that runs.", registry=self._kept).info({"version": version})
        self._analysed = Histogram(
            "mien_analysis_seconds",
            "From the end of a window to its answer.",
            ["engine"],
            buckets=_SECONDS,
            registry=self._kept,
        )
        self._answered = Histogram(
            "mien_chat_seconds",
            "From a message to the end of its answer.",
            buckets=_SECONDS,
            registry=self._kept,
        )
        self._disk_free = Gauge(
            "mien_disk_free_bytes", "Free on the disk of clips; NaN if unknown.", registry=self._kept
        )
        self._answers = Counter(
            "mien_chat_answers", "Answers by how they ended.", ["finish", "code"], registry=self._kept
        )

    def watch(self, registry: Registry, services: Services) -> None:
        """Read these from now on whenever somebody asks. To be called once."""
        self._kept.register(_Now(registry, services, self._past))

    def looked(self, engine: str, total_ms: float) -> None:
        """A window was answered for. Milliseconds from its end."""
        self._analysed.labels(engine).observe(total_ms / 1e3)
        self._recent[engine].add(total_ms)

    def recent(self, engine: str) -> Recent:
        """How long the engine's latest answers took, from a window's end."""
        return self._recent[engine]

    def answered(self, total_ms: float, finish: Finish, code: Code | None) -> None:
        """A chat message was answered, or could not be: `finish` and `code` as in `models.llm.base`."""
        self._answered.observe(total_ms / 1e3)
        self._answers.labels(finish, code or "").inc()

    def ended(self, session: Session) -> None:
        """A session is over: what it counted is kept."""
        self._past.add(session)

    def text(self, disk_free: int | None) -> bytes:
        """Everything, in Prometheus's text format. `disk_free` is bytes, None where it is not known."""
        self._disk_free.set(nan if disk_free is None else disk_free)
        return generate_latest(self._kept)


class _Totals:
    """What sessions have counted, all together."""

    def __init__(self) -> None:
        self.sessions = 0
        self.by_kind: dict[str, Tally[Kind]] = {
            name: Tally() for name in (*_RECEIVED, *_RECEPTION, "frozen_ms")
        }
        self.windows: Tally[str] = Tally()
        self.dropped: Tally[str] = Tally()

    def add(self, session: Session) -> None:
        """Add what a session has counted so far."""
        self.sessions += 1
        media, windows = session.media, session.windows
        for kind, received in media.received.items():
            for name in _RECEIVED:
                self.by_kind[name][kind] += getattr(received, name)
        for kind, reception in media.reception().items():
            for name in _RECEPTION:
                self.by_kind[name][kind] += getattr(reception, name)
            self.by_kind["frozen_ms"][kind] += round(reception.frozen * 1e3)
        self.windows.update(analysed=windows.analysed, saved=windows.saved)
        self.dropped.update(
            frames=media.dropped,
            windows=windows.dropped,
            messages_out=session.outbox.dropped,
            messages_in=session.inbox.lost,
            candidates=session.link.candidates_dropped,
        )

    def plus(self, sessions: Registry) -> _Totals:
        """These and what the sessions that go on have counted so far."""
        total = _Totals()
        total.sessions = self.sessions
        for name, tally in self.by_kind.items():
            total.by_kind[name].update(tally)
        total.windows.update(self.windows)
        total.dropped.update(self.dropped)
        for session in sessions:
            total.add(session)
        return total


class _Now(Collector):
    """Reads the parts when somebody asks."""

    def __init__(self, registry: Registry, services: Services, past: _Totals) -> None:
        self._registry = registry
        self._services = services
        self._past = past

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "mien_loop_lag_seconds",
            "The worst lateness of the event loop in the last two seconds.",
            value=self._services.lag.worst_ms / 1e3,
        )
        yield from self._calls()
        yield from self._counted(self._past.plus(self._registry))
        yield from self._engines()
        yield from self._stores()

    def _calls(self) -> Iterator[Metric]:
        sessions = list(self._registry)
        states = Tally(session.link.state for session in sessions)
        yield _labelled(GaugeMetricFamily, "mien_sessions", "Calls that go on, by state.", "state", states)
        yield GaugeMetricFamily("mien_sessions_limit", "Places for calls.", value=self._registry.max_sessions)
        rings: Tally[str] = Tally()
        jitter: dict[str, float] = {}
        for session in sessions:
            rings.update({kind: ring.bytes for kind, ring in session.media.rings.items()})
            for kind, reception in session.media.reception().items():
                jitter[kind] = max(jitter.get(kind, 0.0), reception.jitter)
        yield _labelled(GaugeMetricFamily, "mien_ring_bytes", "Encoded media in memory.", "kind", rings)
        yield _labelled(
            GaugeMetricFamily,
            "mien_jitter_seconds",
            "The worst jitter of a track that comes in.",
            "kind",
            jitter,
        )
        clip_ms = [ms for session in sessions for ms in session.windows.clip_ms]
        if clip_ms:
            yield GaugeMetricFamily(
                "mien_clip_seconds",
                "The longest of the last clips to be muxed.",
                value=max(clip_ms) / 1e3,
            )

    @staticmethod
    def _counted(total: _Totals) -> Iterator[Metric]:
        yield CounterMetricFamily("mien_sessions_begun", "Calls since the start.", value=total.sessions)
        for name, (metric, text) in (_RECEIVED | _RECEPTION).items():
            yield _labelled(CounterMetricFamily, f"mien_media_{metric}", text, "kind", total.by_kind[name])
        yield _labelled(
            CounterMetricFamily,
            "mien_media_frozen_seconds",
            "How long frames stayed away.",
            "kind",
            {kind: ms / 1e3 for kind, ms in total.by_kind["frozen_ms"].items()},
        )
        yield _labelled(
            CounterMetricFamily, "mien_windows", "Windows by what was done.", "what", total.windows
        )
        yield _labelled(CounterMetricFamily, "mien_dropped", "Dropped, by what.", "what", total.dropped)

    def _engines(self) -> Iterator[Metric]:
        analysis = self._services.analysis
        yield GaugeMetricFamily(
            "mien_analysis_waiting", "Clips and windows of files that wait.", value=analysis.waiting
        )
        ready = {engine.name: engine.ready for engine in analysis.chain}
        yield _labelled(
            GaugeMetricFamily, "mien_engine_ready", "1 for an engine that can answer.", "engine", ready
        )
        for name, text, counts in (
            ("mien_engine_answers", "Answers by engine.", {e.name: e.answered for e in analysis.chain}),
            (
                "mien_engine_restarts",
                "Processes started again.",
                {e.name: e.restarts for e in analysis.chain},
            ),
        ):
            yield _labelled(CounterMetricFamily, name, text, "engine", counts)

    def _stores(self) -> Iterator[Metric]:
        chat, history = self._services.chat, self._services.history
        processes = {engine.name: engine.pid for engine in self._services.analysis.chain}
        processes |= {"chat": chat.provider.pid, "history": history.pid}
        alive = {name: pid is not None for name, pid in processes.items()}
        yield _labelled(
            GaugeMetricFamily, "mien_process_alive", "1 for a process that runs.", "process", alive
        )
        for name, text, value in (
            ("mien_chat_available", "1 while the provider can be asked.", chat.status.available),
            ("mien_chat_waiting", "Conversations that wait for an answer.", chat.waiting),
            ("mien_history_available", "1 while the history is kept.", history.status.available),
            ("mien_history_waiting", "Records that are not written yet.", history.status.waiting),
        ):
            yield GaugeMetricFamily(name, text, value=value)
        yield CounterMetricFamily("mien_history_dropped", "Records given up.", value=history.status.dropped)


def _labelled(
    family: type[GaugeMetricFamily] | type[CounterMetricFamily],
    name: str,
    text: str,
    label: str,
    values: Mapping[str, float] | Mapping[Kind, float],
) -> Metric:
    metric = family(name, text, labels=[label])
    for key, value in values.items():
        metric.add_metric([key], value)
    return metric
