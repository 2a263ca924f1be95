"""A Thinker read from a folder, onto the GPUs or the CPU, and never with a weight that was not in the files."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Literal

import torch
import transformers
from safetensors import SafetensorError

from models.attention import for_any_length
from models.base import EngineUnavailable, Progress
from models.cores import cores
from models.qwen.chat import Chat
from models.qwen.folder import DOWNLOAD, Family, Folder
from models.qwen.pictures import CPU_PIXELS, GPU_PIXELS, Patching
from models.qwen.thinker import Thinker

SHARE = 0.9
"""Of a GPU's free memory that weights may take; the rest is for what is computed with them."""

CLASSES: dict[Family, tuple[str, str]] = {
    "qwen2.5": ("Qwen2_5OmniThinkerConfig", "Qwen2_5OmniThinkerForConditionalGeneration"),
    "qwen3": ("Qwen3OmniMoeThinkerConfig", "Qwen3OmniMoeThinkerForConditionalGeneration"),
}

logger = logging.getLogger("mien.qwen")


def load(folder: Folder, device: Literal["auto", "cpu"], max_gpus: int, progress: Progress) -> Thinker:
    """Read the weights. Raises `EngineUnavailable`; memory that does not suffice raises what torch raises."""
    try:
        with _told(progress):
            model = _model(folder, device, max_gpus)
        tokenizer = transformers.AutoTokenizer.from_pretrained(  # nosec B615 # a folder of this machine
            folder.path, local_files_only=True, trust_remote_code=False
        )
        return Thinker(
            model=model,
            family=folder.family,
            chat=Chat(tokenizer, model.config),
            patching=Patching.of(
                model.config.vision_config, folder, CPU_PIXELS if model.device.type == "cpu" else GPU_PIXELS
            ),
            extractor=_extractor(folder, model.config.audio_config.num_mel_bins),
        )
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        if "offload" in str(error):
            raise _too_large(folder) from error
        raise _unreadable(folder, error) from error
    except RuntimeError as error:
        # What transformers raises in place of whatever went wrong while it joined the experts of a layer.
        if "conversion" not in str(error):
            raise
        raise EngineUnavailable(
            f"the weights at QWEN_MODEL_PATH ({folder.path}) could not be joined, because some are missing or memory "
            f"is short (the log says which): free memory, or {DOWNLOAD}",
            "load_failed",
        ) from error


def _unreadable(folder: Folder, error: Exception) -> EngineUnavailable:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return EngineUnavailable(
        f"the model at QWEN_MODEL_PATH ({folder.path}) cannot be read ({reason}): {DOWNLOAD}",
        "wrong_weights",
    )


def _too_large(folder: Folder) -> EngineUnavailable:
    return EngineUnavailable(
        f"the model at QWEN_MODEL_PATH ({folder.path}) does not fit into the free memory of the GPUs: "
        "free some, raise MAX_GPUS or set QWEN_DEVICE=cpu",
        "out_of_memory",
    )


def _model(folder: Folder, device: Literal["auto", "cpu"], max_gpus: int) -> Any:
    config_class, model_class = (getattr(transformers, name) for name in CLASSES[folder.family])
    gpus = min(max_gpus, torch.cuda.device_count()) if device == "auto" else 0
    model, found = model_class.from_pretrained(
        folder.path,
        # Of a whole checkpoint this takes the Thinker's part.
        config=config_class.from_pretrained(folder.path, local_files_only=True),
        **(_on_gpus(gpus) if gpus else _on_cpu()),
        local_files_only=True,
        use_safetensors=True,
        ignore_mismatched_sizes=True,
        output_loading_info=True,
    )
    unread = sorted({*found["missing_keys"], *(name for name, *_ in found["mismatched_keys"])})
    if unread or found["error_msgs"]:
        raise EngineUnavailable(
            f"{len(unread)} weights of the model are not in the files at QWEN_MODEL_PATH ({folder.path}), "
            f"{(unread or found['error_msgs'])[0]} first: {DOWNLOAD}",
            "wrong_weights",
        )
    # Read from disk at every token, it would answer far too late.
    if "disk" in getattr(model, "hf_device_map", {}).values():
        raise _too_large(folder)
    if gpus and model.device.type == "cpu":
        model.to("cuda:0")
    return model


def _on_cpu() -> dict[str, Any]:
    """How `from_pretrained` makes weights for the CPU: as exact as they are in the files."""
    torch.set_num_threads(cores())
    return {"dtype": "auto"}


def _on_gpus(gpus: int) -> dict[str, Any]:
    """Where `from_pretrained` puts weights on so many GPUs, the first ones, and how exact they are."""
    for_any_length()
    exact = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if find_spec("accelerate") is None:
        logger.warning("accelerate is not installed: one GPU is used, of %d", gpus)
        return {"dtype": exact}
    room = {gpu: int(SHARE * torch.cuda.mem_get_info(gpu)[0]) for gpu in range(gpus)}
    return {"dtype": exact, "device_map": "auto", "max_memory": room}


def _extractor(folder: Folder, mel_bins: int) -> Any:
    """As the model's authors have set it; by default Whisper's, with as many mel bins as the tower takes."""
    kept = ("hop_length", "n_fft", "padding_value", "dither", "sampling_rate")
    settings = {name: folder.preprocessing[name] for name in kept if name in folder.preprocessing}
    whisper: Any = transformers.WhisperFeatureExtractor
    return whisper(feature_size=mel_bins, **settings)


@contextmanager
def _told(progress: Progress) -> Iterator[None]:
    """Within it, transformers' bar of loaded weights goes to `progress`, in whole percents."""

    def hook(make: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return (
            _counted(args[0], progress) if kwargs.get("desc") == "Loading weights" else make(*args, **kwargs)
        )

    before = transformers.utils.logging.set_tqdm_hook(hook)
    try:
        yield
    finally:
        transformers.utils.logging.set_tqdm_hook(before)


def _counted(weights: Iterable[Any], progress: Progress) -> Iterator[Any]:
    items = list(weights)
    percent = 0
    for done, item in enumerate(items, start=1):
        yield item
        if 100 * done // len(items) > percent:
            percent = 100 * done // len(items)
            progress(percent / 100)
