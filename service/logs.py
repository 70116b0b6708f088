"""Logs as JSON lines on standard output, with no data from clients."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any


class JsonFormatter(logging.Formatter):
    """Formats a record as one line: time, level, logger, message, and the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; JSON escapes line ends, so a record is always one line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure_logs(level: str) -> None:
    """Send every logger's records to standard output as JSON lines."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger("PIL").setLevel(logging.CRITICAL)  # the client gets them as problems
    logging.getLogger("uvicorn").setLevel(logging.WARNING)  # it logs each step of its start


def fields(**values: object) -> dict[str, object]:
    """Return the `extra` of a logging call: fields that the line gets besides its message."""
    return {"fields": values}
