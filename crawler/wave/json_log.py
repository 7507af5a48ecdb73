"""The log as one JSON object a line, for journald, Loki, jq and the like.

Text from websites is written out by `safe_text` before it is encoded: a reader of the log
that decodes it (`jq -r`) still gets no control character.
"""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from analysis.safe_text import safe_text

Value = str | float | Mapping[str, int] | None


def line(event: str, **values: Value) -> str:
    """Write one event; `time` is UTC, ISO 8601, to the millisecond."""
    moment = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = {name: _safe(value) for name, value in values.items()}
    return json.dumps({"time": moment, "event": event} | told, allow_nan=False) + "\n"


def _safe(value: Value) -> Value:
    return safe_text(value) if isinstance(value, str) else value


def tell(event: str, **values: Value) -> None:
    """Write one event to standard error."""
    sys.stderr.write(line(event, **values))
    sys.stderr.flush()


class Handler(logging.Handler):
    """Records of Python's logging as events named `log`; a traceback is one field."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; as every handler, never raise."""
        try:
            formatter = logging.Formatter()
            tell(
                "log",
                level=record.levelname,
                logger=record.name,
                message=record.getMessage(),
                traceback=formatter.formatException(record.exc_info) if record.exc_info else None,
            )
        except Exception:  # noqa: BLE001 - logging's own rule: a log line ends nothing
            self.handleError(record)
