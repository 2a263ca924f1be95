"""Media that claims more than it holds, names other files, or is none: what an attacker would send to be decoded.

`python -m tests.attacks.bombs FOLDER` has every file there read in every way that the server reads one, and prints how
each went and how much memory that took.
"""

from __future__ import annotations

import json
import random
import struct
import sys
import wave
import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import numpy as np

from models.base import ClipUnreadable
from models.decode import decode_file
from models.thumbnail import NoVideo, thumbnail
from pipeline.clip import Cut, remux
from pipeline.frames import EncodedFrame
from pipeline.transcode import Unreadable, transcode
from tests import media

NOISE = random.Random(7).randbytes(4000)


def vp8_keyframe(width: int, height: int) -> bytes:
    """A keyframe's header (RFC 6386, 9.1) and noise."""
    return b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + NOISE


def h264_keyframe(width: int, height: int) -> bytes:
    """A sequence and a picture parameter set (H.264, 7.3.2) and noise for the picture."""
    sps = "01000010" + "00000000" + "00110011"  # baseline, level 5.1
    sps += "".join(_ue(value) for value in (0, 0, 2, 1)) + "0"
    sps += _ue(width // 16 - 1) + _ue(height // 16 - 1) + "1" + "1" + "0" + "0"
    pps = _ue(0) + _ue(0) + "0" + "0" + _ue(0) + _ue(0) + _ue(0) + "0" + "00" + 3 * _ue(0) + "000"
    picture = _ue(0) + _ue(7) + _ue(0) + "0" + _ue(0) + "00" + "1"
    start = b"\0\0\0\1"
    return (
        start + b"\x67" + _bits(sps) + start + b"\x68" + _bits(pps) + start + b"\x65" + _bits(picture) + NOISE
    )


def _ue(value: int) -> str:
    bits = f"{value + 1:b}"
    return "0" * (len(bits) - 1) + bits


def _bits(text: str) -> bytes:
    text += "1"
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def clip_of(codec: str, keyframe: bytes, size: tuple[int, int]) -> bytes:
    """A clip as the server itself would cut it from a call."""
    format_ = struct.pack("<HH", *size) if codec == "vp8" else b"sps"
    frames = [
        EncodedFrame(codec=codec, data=keyframe, start=float(at), keyframe=True, format=format_)
        for at in range(3)
    ]
    return remux(Cut(video=frames, audio=[], start=0.0, end=2.0)).data


def sound_at(times: Iterable[float]) -> bytes:
    """WebM with one packet of 60 ms of Opus at each of these seconds."""
    packet = b"\x18\x00"  # SILK, 60 ms, one frame of next to nothing (RFC 6716, 3.1)
    audio = [EncodedFrame(codec="opus", data=packet, start=at, keyframe=True) for at in times]
    return remux(Cut(video=[], audio=audio, start=0.0, end=audio[-1].start)).data


def playlists(url: str, path: Path) -> dict[str, bytes]:
    """Files that name an address and another file, in every format of which FFmpeg knows how to follow them."""
    hls = "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n{}\n#EXT-X-ENDLIST\n"
    key = f'#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXT-X-KEY:METHOD=AES-128,URI="{url}key"\n#EXTINF:5,\nfile://{path}\n'
    dash = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
        '<Period><AdaptationSet mimeType="video/webm"><Representation id="1" bandwidth="1"><BaseURL>{}</BaseURL>'
        '<SegmentList><SegmentURL media="{}"/></SegmentList></Representation></AdaptationSet></Period></MPD>'
    )
    texts = {
        "hls-url.m3u8": hls.format(f"{url}a.ts"),
        "hls-file.m3u8": hls.format(f"file://{path}"),
        "hls-concat.m3u8": hls.format(f"concat:{path}|{url}a"),
        "hls-key.webm": key,
        "hls.mp4": hls.format(path),
        "concat.ffconcat": f"ffconcat version 1.0\nfile '{path}'\nfile '{url}b'\n",
        "concat.webm": f"ffconcat version 1.0\nfile '{path}'\n",
        "dash.mpd": dash.format(url, url),
        "dash.mp4": dash.format(f"file://{path}", ""),
        "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n",
        "asx.asf": f'<asx version="3.0"><entry><ref href="{url}c"/></entry></asx>',
        "ref.asf": f"[Reference]\r\nRef1={url}d\r\n",
        "picture.svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}e"/><image href="file://{path}"/></svg>',
        "page.html": f'<video src="{url}f"></video>',
        "words.srt": "1\n00:00:00,000 --> 00:00:05,000\nwords\n",
        "words.ass": "[Script Info]\n[Events]\nDialogue: 0,0:00:00.00,0:00:05.00,Default,,0,0,0,,words\n",
        "words.vtt": "WEBVTT\n\n00:00.000 --> 00:05.000\nwords\n",
        "address.webm": f"{url}g",
        "lavfi.webm": "movie=/etc/passwd",
        "chained.mp4": f"concat:{path}",
    }
    return {name: text.encode() for name, text in texts.items()}


def no_media() -> dict[str, bytes]:
    """Other files under a clip's name."""
    archive, picture = BytesIO(), BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(10_000_000))
    media.Image.fromarray(np.zeros((50, 50, 3), np.uint8)).save(picture, "PNG")
    return {
        "zip.webm": archive.getvalue(),
        "png.mp4": picture.getvalue(),
        "noise.webm": NOISE,
        "zeros.mp4": bytes(9000),
    }


def too_large() -> dict[str, bytes]:
    """Pictures of more than 16 megapixels."""
    return {
        "vp8-16383.webm": clip_of("vp8", vp8_keyframe(16_383, 16_383), (16_383, 16_383)),
        "vp8-12000.webm": clip_of("vp8", vp8_keyframe(12_000, 12_000), (12_000, 12_000)),
        "vp8-grows.webm": clip_of("vp8", vp8_keyframe(12_000, 12_000), (64, 64)),
        "h264-8192.mp4": clip_of("h264", h264_keyframe(8192, 8192), (8192, 8192)),
        "h264-8192.h264": h264_keyframe(8192, 8192) * 3,
    }


def lies() -> dict[str, bytes]:
    """Containers of which a length, a count or a time is not true; what is true in them may be read."""
    frames = [np.full((48, 64, 3), at, np.uint8) for at in range(10)]
    webm, mp4 = media.encode_clip(frames, 5, "vp8"), media.encode_clip(frames, 5, "h264")
    sound = BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(bytes(8000))
    day = bytearray(sound.getvalue())
    struct.pack_into("<I", day, 40, 8000 * 86_400)
    count = {
        box: mp4.index(box) + (12 if box == b"stsz" else 8) for box in (b"stsz", b"stts", b"stsc", b"stco")
    }
    duration = webm.index(b"\x44\x89\x88") + 3
    return {
        "duration.webm": webm[:duration] + struct.pack(">d", 1e15) + webm[duration + 8 :],
        "blocks.webm": webm.replace(b"\xa3", b"\xa3\x1f"),
        "moov.mp4": _patched(mp4, mp4.index(b"moov") - 4, 0x7FFFFFFF),
        **{f"{box.decode()}.mp4": _patched(mp4, at, 0xFFFFFFF0) for box, at in count.items()},
        "box.mp4": _patched(mp4, mp4.index(b"mdat") - 4, 0x7FFFFFFF),
        "day.wav": bytes(day),
        "hours.webm": sound_at(3600.0 * hour for hour in range(200)),
        "moment.webm": sound_at([0.0] * 4_000),
    }


def _patched(data: bytes, at: int, value: int) -> bytes:
    return data[:at] + struct.pack(">I", value) + data[at + 4 :]


def _way(name: str, path: Path, target: Path) -> str:
    try:
        match name:
            case "decode":
                windows = 0
                for clip in decode_file(path):
                    windows += bool(clip.looks or len(clip.waveform))
                return f"{windows} windows"
            case "thumbnail":
                return f"{len(thumbnail(path))} bytes"
            case _:
                transcode(path, target)
                return f"{target.stat().st_size} bytes"
    except (ClipUnreadable, Unreadable) as error:
        return f"unreadable: {error}"
    except NoVideo:
        return "no picture"


def main() -> None:
    """The program."""
    folder = Path(sys.argv[1])
    for path in sorted(path for path in folder.iterdir() if path.name != "out"):
        for way in ("decode", "thumbnail", "transcode"):
            said = _way(way, path, folder / "out")
            print(json.dumps({"file": path.name, "way": way, "said": said, "peak_mb": _peak()}), flush=True)


def _peak():
    """Megabytes that this program has held at most. `getrusage` would count the process that started it, too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    main()
