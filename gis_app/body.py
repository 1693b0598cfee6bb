"""Reading a JSON body: once, strictly, with errors that say where."""

from __future__ import annotations

from typing import Any

import flask
import orjson
from werkzeug.exceptions import UnsupportedMediaType

from layers.errors import VatraError


class NotJson(VatraError):
    """The body is not JSON; says where and why."""

    def __init__(self, error: orjson.JSONDecodeError) -> None:
        around = str(error.doc)[max(error.pos - 1, 0) : error.pos + 9]
        no_number = "NaN" in around or "Infinity" in around
        hint = "; JSON has no NaN or Infinity, and a coordinate must be a number" if no_number else ""
        super().__init__(
            f"the body is not JSON: line {error.lineno}, column {error.colno}: {error.msg}{hint}"
        )


class JsonRequest(flask.Request):
    """A request whose JSON is read by orjson, which refuses NaN and endless nesting."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The parsed body. Raises NotJson, or UnsupportedMediaType where it is declared as something else."""
        if not (self.is_json or force):
            raise UnsupportedMediaType("send the body as application/json")
        try:
            return orjson.loads(self.get_data(cache=cache))
        except orjson.JSONDecodeError as error:
            raise NotJson(error) from error
