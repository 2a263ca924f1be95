"""Every setting: its name, its default and a sentence. Read once, in server.py."""

from __future__ import annotations

import ipaddress
import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from models.llm.settings import ChatSettings
from models.settings import EngineSettings
from webrtc import network
from webrtc.network.interfaces import subnet
from webrtc.network.servers import is_stun, is_turn

_SIZES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_TIMES = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


def _measure(units: dict[str, int], example: str) -> BeforeValidator:
    def read(value: object) -> object:
        if not isinstance(value, str):
            return value
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]?)b?", value.strip().lower())
        if match is None or match[2] not in units:
            raise ValueError(f"write it like {example}")
        return float(match[1]) * units[match[2]]

    return BeforeValidator(read)


def _listed(value: object) -> object:
    return [each.strip() for each in value.split(",") if each.strip()] if isinstance(value, str) else value


def _network(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ipaddress.ip_network(value)
    except ValueError:
        raise ValueError("write it like 192.168.1.2 or 10.0.0.0/8") from None


def _ports(value: object) -> object:
    """The first and the last."""
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"(\d{1,5})\s*-\s*(\d{1,5})", value.strip())
    if match is None or not 1024 <= int(match[1]) <= int(match[2]) <= 65_535:
        raise ValueError("write it like 50000-50100, from 1024 to 65535")
    return int(match[1]), int(match[2])


def _interface(value: object) -> object:
    """A name with * and ?, an address or a subnet. A subnet that is written wrong is no name either."""
    if isinstance(value, str):
        name = re.fullmatch(r"[\w.*?@() -]+", value) and not re.fullmatch(r"[\d.]+", value)
        if name or subnet(value) is not None:
            return value
    raise ValueError("write it like eth0, wl*, 192.168.1.2 or 192.168.1.0/24")


def _ice_server(value: object) -> object:
    if isinstance(value, str) and (is_stun(value) or is_turn(value)):
        return value
    raise ValueError("write it like stun:stun.example.org or turn:turn.example.org:3478?transport=udp")


def _host_name(value: object) -> object:
    if isinstance(value, str) and re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", value.lower()):
        return value.lower()
    raise ValueError("write it like mien.example.org")


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
WhipConsent = Literal["none", "analysis", "recording"]
Size = Annotated[float, _measure(_SIZES, "500M or 2G"), Field(gt=0)]
Duration = Annotated[float, _measure(_TIMES, "90s, 30m, 24h or 7d"), Field(gt=0)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
HostName = Annotated[str, BeforeValidator(_host_name)]
PortRange = Annotated[tuple[int, int] | None, BeforeValidator(_ports)]
InterfaceName = Annotated[str, BeforeValidator(_interface)]
IceServerUrl = Annotated[str, BeforeValidator(_ice_server)]
Port = Annotated[int, Field(ge=0, le=65_535)]


class Settings(EngineSettings, ChatSettings):
    """Mien: a call that names the expression it sees and hears. Each setting below is also an environment variable
    and a line in .env, in capitals. `python server.py doctor` with the same settings says what a caller would meet."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        cli_prog_name="python server.py",
        cli_kebab_case=True,
        cli_implicit_flags=True,
        cli_hide_none_type=True,
        cli_avoid_json=True,
        populate_by_name=True,
    )

    host: str = Field(
        "0.0.0.0",  # noqa: S104 - a phone on the same network is what it is for, and needs a code
        description="Address on which HTTPS listens; 127.0.0.1 keeps it to this machine.",
    )
    http_port: Port = Field(
        8080,
        validation_alias=AliasChoices("http_port", "port"),
        description="Port of plain HTTP, on loopback only; PORT is another name for it.",
    )
    https_port: Port = Field(8443, description="Port of HTTPS on HOST.")
    data_dir: Path = Field(
        Path(),
        description="Folder of videos/ (clips), recordings/ (calls) and state/ (certificate, code, history, pictures).",
    )
    secret_key: SecretStr | None = Field(
        None, description="Secret that signs cookies; one is made and kept in state/ when unset."
    )
    access: Literal["code", "open"] = Field(
        "code",
        description="code asks others on the network for a code; open lets all in, and all see everything.",
    )
    log_level: Annotated[LogLevel, BeforeValidator(_upper)] = Field(
        "INFO", description="How much is logged: DEBUG, INFO, WARNING or ERROR."
    )
    max_sessions: Annotated[int, Field(ge=1)] = Field(
        16, description="Callers at a time; more are turned away."
    )
    whip_consent: Annotated[tuple[WhipConsent, ...], NoDecode, BeforeValidator(_listed)] = Field(
        ("none",),
        description="What is done with streams that are published at /whip: none, analysis, recording, or both.",
    )
    session_grace: Annotated[float, _measure(_TIMES, "60s or 5m"), Field(ge=0)] = Field(
        "60s",
        validate_default=True,
        description="How long a call waits for a page whose connection was lost; 0 ends it at once.",
    )
    ring_duration: Annotated[float, Field(ge=2, le=60)] = Field(
        10.0, description="Seconds of a call that are kept in memory."
    )
    buffer_duration: Annotated[float, Field(ge=1, le=30)] = Field(
        5.0, description="Seconds of a clip, which is also the window that is analysed."
    )
    save_interval: Annotated[float, Field(ge=0.5, le=30)] = Field(
        1.0, description="Seconds between clips, and between analyses."
    )
    clips_max_count: Annotated[int, Field(ge=1)] = Field(
        600, description="Clips kept in videos/; the oldest leave."
    )
    clips_max_bytes: Size = Field(
        "2G", validate_default=True, description="Bytes kept in videos/, such as 500M or 2G."
    )
    clips_max_age: Duration = Field(
        "24h", validate_default=True, description="How long a clip is kept, such as 90s, 30m, 24h or 7d."
    )
    recordings_max_bytes: Size = Field(
        "20G", validate_default=True, description="Bytes kept in recordings/, such as 500M or 20G."
    )
    recordings_max_age: Duration = Field(
        "7d", validate_default=True, description="How long a recording is kept, such as 24h or 7d."
    )
    disk_floor: Size = Field(
        "500M",
        validate_default=True,
        description="Bytes of the disk that stay free: with less, nothing more is recorded until there is room.",
    )
    labels_max_age: Duration = Field(
        "7d",
        validate_default=True,
        description="How long labels are kept: long enough to look back on a week, short enough to defend.",
    )
    chat_max_age: Duration = Field(
        "7d", validate_default=True, description="How long the chat is kept, in calls and without one."
    )
    capture_width: Annotated[int, Field(ge=160, le=3840)] = Field(
        640, description="Camera width asked for, in pixels."
    )
    capture_height: Annotated[int, Field(ge=120, le=2160)] = Field(
        480, description="Camera height asked for, in pixels."
    )
    frame_rate: Annotated[int, Field(ge=5, le=60)] = Field(
        30, description="Camera frames a second asked for."
    )

    video_codec: Literal["auto", "VP8", "H264"] = Field(
        "VP8", description="Video codec the page prefers: VP8 gives WebM clips, H264 gives MP4."
    )

    receive_path: Literal["lean", "aiortc"] = Field(
        "lean", description="How media is received: the lean way, or aiortc's own, which costs more."
    )

    quality: Literal["auto", "high", "medium", "low"] = Field(
        "auto", description="Picture the page sends: auto follows the connection; people may choose another."
    )

    database_url: SecretStr | None = Field(
        None, description="Database of the history, such as postgresql://user@host/mien; a file when unset."
    )

    instant: bool = Field(
        True, description="Whether the embedded engine answers at once, before the better ones do."
    )

    certificate: Path | None = Field(
        None,
        description="PEM file of a certificate of your own, with what it is signed by; read anew when it changes.",
    )
    certificate_key: Path | None = Field(None, description="PEM file of that certificate's key.")

    udp_port_range: Annotated[PortRange, NoDecode] = Field(
        None, description="UDP ports of calls, such as 50000-50100; the system's choice when unset."
    )
    interfaces: Annotated[tuple[InterfaceName, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (),
        description="Interfaces of calls by name, address or subnet, or all; those to containers and VPNs are left out "
        "when unset.",
    )
    ice_servers: Annotated[tuple[IceServerUrl, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (), description="STUN and TURN servers, such as turn:turn.example.org:3478?transport=udp."
    )
    turn_secret: SecretStr | None = Field(
        None, description="Secret shared with the TURN servers (static-auth-secret of coturn)."
    )

    trusted_proxies: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (), description="Addresses or networks of reverse proxies whose X-Forwarded headers are believed."
    )
    public_names: Annotated[tuple[HostName, ...], NoDecode, BeforeValidator(_listed)] = Field(
        (),
        description="Host names under which a reverse proxy publishes the server, such as mien.example.org.",
    )

    @model_validator(mode="after")
    def _none_is_alone(self) -> Self:
        if "none" in self.whip_consent and len(self.whip_consent) > 1:
            raise ValueError("WHIP_CONSENT is none, or analysis, recording or both")
        return self

    @model_validator(mode="after")
    def _certificate_and_key(self) -> Self:
        if (self.certificate is None) != (self.certificate_key is None):
            raise ValueError("CERTIFICATE and CERTIFICATE_KEY go together")
        return self

    @model_validator(mode="after")
    def _turn_and_secret(self) -> Self:
        if any(map(is_turn, self.ice_servers)) and self.turn_secret is None:
            raise ValueError("a TURN server in ICE_SERVERS needs TURN_SECRET")
        return self

    def network(self) -> network.Network:
        """What calls may use of the network."""
        return network.Network(
            interfaces=network.Interfaces(self.interfaces),
            ports=network.Ports(*self.udp_port_range or ()),
            servers=network.IceServers(self.ice_servers, self.turn_secret),
        )

    @model_validator(mode="after")
    def _clip_fits_the_ring(self) -> Self:
        if self.buffer_duration > self.ring_duration:
            raise ValueError("BUFFER_DURATION cannot be longer than RING_DURATION")
        return self


def secret_names() -> frozenset[str]:
    """The environment variables that hold secrets, or addresses with passwords in them, in small letters."""
    return frozenset(
        each
        for name, field in Settings.model_fields.items()
        if field.annotation == SecretStr | None or not field.repr
        for each in (name, *_other_names(field.validation_alias))
    )


def _other_names(alias: object) -> list[str]:
    return [str(each) for each in alias.choices] if isinstance(alias, AliasChoices) else []
