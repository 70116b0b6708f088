"""The query of a request to the options of a prediction."""

from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.types import Scope

from service.api.schemas import PredictOptions
from service.errors import Fault, InvalidParameter


class OptionsReader:
    """Reads the options of requests; `min_confidence` is the service's where a query has none."""

    def __init__(self, min_confidence: float) -> None:
        self._defaults = {"min_confidence": str(min_confidence)}
        self._plain = PredictOptions.model_validate(self._defaults)

    def read(self, scope: Scope) -> PredictOptions:
        """Return the options in a request's query.

        Raises:
            InvalidParameter: unknown, repeated or out of range.
        """
        query = scope["query_string"]
        if not query:
            return self._plain
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        values = self._defaults | dict(pairs)
        names = [name for name, _ in pairs]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise InvalidParameter([Fault(f"query/{name}", "given twice") for name in repeated])
        try:
            return PredictOptions.model_validate(values)
        except ValidationError as error:
            faults = [Fault(f"query/{_name(e['loc'])}", e["msg"]) for e in error.errors()]
            raise InvalidParameter(faults) from error


def _name(location: tuple[int | str, ...]) -> str:
    return str(location[0])
