"""Dockerfiles as far as ours go: stages and their instructions, with arguments put in."""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
_ARGUMENT = re.compile(r"\$\{(\w+)\}")
_HEALTH = "HEALTHCHECK"


@dataclass(frozen=True)
class Instruction:
    """One instruction: `word` in capitals, `value` in one line."""

    word: str
    value: str


@dataclass
class Stage:
    """What follows one FROM."""

    image: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, word: str) -> list[str]:
        return [each.value for each in self.instructions if each.word == word]

    @property
    def environment(self) -> dict[str, str]:
        pairs = (pair.partition("=") for line in self.all("ENV") for pair in line.split())
        return {name: value for name, _, value in pairs}

    @property
    def health_check(self) -> list[str]:
        (line,) = self.all(_HEALTH)
        command = json.loads(line[line.index("CMD ") + 4 :])
        assert isinstance(command, list)
        return command


def read_stages(path: Path) -> list[Stage]:
    """Read a Dockerfile."""
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    text = re.sub(r"^\s*#.*\n", "", path.read_text(), flags=re.MULTILINE)
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if not line.strip():
            continue
        word, _, value = line.partition(" ")
        if word == "ARG" and not stages:
            name, _, default = value.partition("=")
            arguments[name] = default
        elif word == "FROM":
            image, _, name = _ARGUMENT.sub(lambda m: arguments[m[1]], value).partition(" AS ")
            stages.append(Stage(image, name))
        else:
            stages[-1].instructions.append(Instruction(word, value))
    return stages
