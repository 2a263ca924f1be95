"""The one shape of an error over HTTP: `{"error": {"code", "message"}}`."""

from __future__ import annotations

import logging
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from pipeline.history.history import HistoryUnavailable

log = logging.getLogger(__name__)

_CODES = {
    400: "bad_request",
    401: "access_code_required",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    414: "too_long",
    415: "unsupported_media_type",
}


class ApiError(Exception):
    """Ends a request with a status, a stable code and a message for people."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers


class RequestLog(logging.LoggerAdapter[logging.Logger]):
    """Where aiohttp logs what it could not serve. A request that is none is a line there, and not a trace of our
    own code: anybody may send thousands."""

    def exception(self, msg: object, *args: object, exc_info: Any = True, **given: Any) -> None:
        """Raised while a request was read or answered."""
        if isinstance(exc_info, HttpProcessingError):
            self.info("a request cannot be read: %s", " ".join(exc_info.message.split())[:200])
        else:
            super().exception(msg, *args, exc_info=exc_info, **given)


def bad_body(error: ValidationError) -> ApiError:
    """What to answer to a body that is not what was expected."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    message = f"{where}: {first['msg']}" if where else first["msg"]
    return ApiError(400, "bad_request", f"The body cannot be read: {message}.")


def error_response(
    status: int, code: str, message: str, headers: dict[str, str] | None = None
) -> web.Response:
    """An error as JSON."""
    return web.json_response({"error": {"code": code, "message": message}}, status=status, headers=headers)


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever a handler raises into the one shape. What was not foreseen is logged, not shown."""
    try:
        return await handler(request)
    except ApiError as error:
        return error_response(error.status, error.code, str(error), error.headers)
    except HistoryUnavailable as error:
        return error_response(503, error.code, str(error), {"Retry-After": "5"})
    except web.HTTPException as error:
        if error.status < 400:
            raise
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        return error_response(error.status, _CODES.get(error.status, "http_error"), error.reason, allow)
    except web.RequestPayloadError as error:  # bytes that are not what Content-Encoding or the like says
        log.info("%s %s: the body is broken: %s", request.method, request.path, error)
        return error_response(
            400, "bad_request", "The body cannot be read: it is not encoded as its headers say."
        )
    except ConnectionResetError:
        log.info("%s %s: whoever asked has gone", request.method, request.path)
        return error_response(400, "gone", "You have gone before the answer came.")
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        return error_response(500, "internal_error", "Something went wrong on the server; its log says what.")
