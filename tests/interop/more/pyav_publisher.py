"""PyAV's WHIP muxer, which is FFmpeg's, as a publisher: python pyav_publisher.py FILE URL [CERTIFICATE KEY].

The file's packets are sent as they were encoded.
"""

from __future__ import annotations

import sys
import time

import av


def publish(file: str, url: str, *certificate: str) -> None:
    options = dict(zip(("cert_file", "key_file"), certificate, strict=False))
    with av.open(file) as source, av.open(url, "w", format="whip", options=options) as output:
        kinds = [source.streams.video[0], source.streams.audio[0]]
        streams = {stream: output.add_stream_from_template(stream) for stream in kinds}
        began = None
        for packet in source.demux(kinds):
            if packet.dts is None:
                continue
            at = float(packet.dts * packet.time_base)
            began = time.monotonic() - at if began is None else began
            time.sleep(max(0.0, began + at - time.monotonic()))
            packet.stream = streams[packet.stream]
            output.mux(packet)


publish(*sys.argv[1:])
