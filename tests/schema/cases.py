"""Requests made from the OpenAPI document, as it says and against it, with a key and without.

Every case is asked twice: by a stranger, who shall get nothing but what is open, and with a key
that may do everything. `python -m tests.schema.cases 20000` tries as many cases.
"""

import json
import logging
import math
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.result import Ok

from tests.asgi import Answered
from tests.schema.world import World, world

OPEN = frozenset(
    {
        "/v1/models",
        "/v1/models/{model_id:path}",
        "/v1/whoami",
        "/health",
        "/health/live",
        "/health/ready",
        "/v1/shares/{token}",
        "/v1/shares/{token}/transcript",
        "/v1/shares/{token}/audio",
        "/v1/shares/{token}/peaks",
    }
)
"""What docs/security.md says is open; the table that decides is not asked here."""
SEED = 20_261_128
URL = "http://127.0.0.1:8000"
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
TUS_HEADERS = {
    "tus-resumable": st.sampled_from(["1.0.0", "1.0.0", "1.0.0", "0.2.2", ""]),
    "upload-length": st.sampled_from(["5", "5", "0", "-1", "x", "9" * 30, str(1 << 21)]),
    "upload-offset": st.sampled_from(["0", "0", "3", "5", "-1", "x", "9" * 18]),
    "upload-metadata": st.sampled_from(["", "filename YS53YXY=", "filename ?", "a b,,c", "\xff"])
    | st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=20),
    "content-type": st.sampled_from(["application/offset+octet-stream"] * 3 + ["", "text/x"]),
    "x-http-method-override": st.sampled_from(["PATCH", "DELETE", "GET", "\xff"]),
}
"""The document cannot say of which headers tus 1.0 is made."""
RANGES = st.sampled_from(["bytes=0-1", "bytes=-1", "bytes=9-", "bytes=0-0,2-3", "bytes=x", "x"])
EXTRAS: dict[str, dict[str, st.SearchStrategy[str]]] = {
    "/v1/uploads": TUS_HEADERS,
    "/v1/uploads/{upload_id}": TUS_HEADERS,
    "/v1/jobs/{job_id}/audio": {"range": RANGES},
    "/v1/shares/{token}/audio": {"range": RANGES},
}


@dataclass
class Outcome:
    """How many cases there were, and what was wrong with which."""

    cases: int = 0
    good: int = 0
    refused: int = 0
    wrong: dict[tuple[str, str, str], str] = field(default_factory=dict)
    seconds: float = 0.0

    def note(self, problem: str, request: "Sent", answer: object) -> None:
        """Keep the first of each kind."""
        self.wrong.setdefault((request.method, request.template, problem), f"{request} {answer}")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it goes over the line."""

    template: str
    method: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


MakeRequest = Callable[[dict[str, str]], Sent]
"""Makes a request, of the names of what is there."""


def made(case: Case[Any], extras: dict[str, str], is_about: bool, names: dict[str, str]) -> Sent:  # noqa: FBT001
    """Return a case as a request, about something that is there or not."""
    for parameter in case.path_parameters or {}:
        if is_about and parameter in names:
            case.path_parameters[parameter] = names[parameter]
    given_by_case = case.as_transport_kwargs(base_url=URL)
    known = ("method", "url", "headers", "params", "data", "json", "files", "cookies")
    request = requests.Request(**{k: v for k, v in given_by_case.items() if k in known}).prepare()
    headers: dict[Any, Any] = {**request.headers, **extras}
    return Sent(
        str(case.operation.path),
        str(request.method),
        str(request.path_url),
        tuple((encoded(name).lower(), encoded(value)) for name, value in headers.items()),
        encoded(request.body or b""),
    )


def encoded(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def check(outcome: Outcome, place: World, request: Sent) -> None:
    """Ask without a key, then with it, and note what should not have been answered."""
    outcome.cases += 1
    for has_key in (False, True):
        try:
            answer = place.ask(
                request.method, request.target, request.headers, request.body, has_key=has_key
            )
        except Exception as error:  # noqa: BLE001 - what would be a 500
            outcome.note("raised", request, repr(error))
            continue
        if answer.status >= 500:
            outcome.note("5xx", request, answer)
        if answer.status < 300 and not has_key and answer.route not in OPEN:
            outcome.note("open", request, answer)
        if has_key:
            outcome.good += answer.status < 300
            outcome.refused += 400 <= answer.status < 500
        if 400 <= answer.status < 500 and request.method != "HEAD" and not is_error(answer):
            outcome.note("no error body", request, answer)


def is_error(answer: Answered) -> bool:
    """Whether a refusal has the body that OpenAI's clients read."""
    try:
        error = json.loads(answer.body)["error"]
    except (ValueError, KeyError, TypeError):
        return False
    return set(error) == {"message", "type", "param", "code"}


def try_cases(number: int, folder: Path, first_seed: int = SEED) -> Outcome:
    """Try so many cases, spread over all operations; the same each time.

    Args:
        number: of cases.
        folder: for what the application keeps.
        first_seed: another makes other cases.
    """
    began, outcome = time.process_time(), Outcome()
    with world(folder) as place:
        schema = schemathesis.openapi.from_dict(json.loads(json.dumps(place.app.openapi())))
        operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
        kinds = [(each, mode) for each in operations for mode in MODES if has_cases(each, mode)]
        kinds.sort(key=lambda kind: has_variety(kind[0]))  # some have but one case
        for done, (operation, mode) in enumerate(kinds):
            share = math.ceil((number - outcome.cases) / (len(kinds) - done))
            strategy = requests_of(operation, mode)
            _try(strategy, share, first_seed + done, partial(check, outcome, place), place.fill)
    outcome.seconds = time.process_time() - began
    return outcome


def has_variety(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    """Whether there is anything that can be put into a request."""
    return bool(operation.body or operation.query or operation.path_parameters)


def has_cases(operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode) -> bool:
    """Whether there are such requests: none is wrong where any text is right."""
    return mode is GenerationMode.POSITIVE or bool(operation.body or operation.query)


def requests_of(
    operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode
) -> st.SearchStrategy[MakeRequest]:
    """Return requests of an operation, three in four about something that is there."""
    extras = EXTRAS.get(operation.path, {})
    parts = st.tuples(
        operation.as_strategy(generation_mode=mode),
        st.fixed_dictionaries({}, optional=extras),
        st.sampled_from([True, True, True, False]),
    )
    return parts.map(lambda part: partial(made, *part))


def _try(
    strategy: st.SearchStrategy[MakeRequest],
    number: int,
    first: int,
    check_one: Callable[[Sent], None],
    fill: Callable[[], dict[str, str]],
) -> None:
    @seed(first)
    @settings(
        max_examples=number,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def one(make: MakeRequest) -> None:
        check_one(make(fill()))

    one()


def main(number: int) -> int:
    """Try cases and say what was found."""
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        outcome = try_cases(number, Path(folder), int(time.time()))
    print(
        f"{outcome.cases} cases, each with and without a key: {outcome.good} did something, "
        f"{outcome.refused} were refused, {outcome.seconds:.0f} s of CPU"
    )
    for (method, template, problem), what in outcome.wrong.items():
        print(f"{problem}: {method} {template}\n  {what}")
    return bool(outcome.wrong)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
