"""Values as shell source, and as the formats that a shell script writes at run time.

:func:`quote` and :func:`heredoc` are the only ways for a value of a spec to enter a script: both hand it over
byte for byte and nothing in it is expanded or run.
"""

from __future__ import annotations

import json
import re
from typing import NewType

Shell = NewType("Shell", str)
"""Text that is shell source; everything that a template of a script prints has this type or is ours."""


def quote(value: str) -> Shell:
    """One shell word that is exactly ``value``. A NUL byte, which no shell can hold, is a ValueError."""
    if "\0" in value:
        raise ValueError("a shell word cannot hold a NUL byte")
    return Shell("'" + value.replace("'", "'\\''") + "'")


def bare(value: str) -> Shell:
    """A value that may stand unquoted, in a comment too: letters, digits, ``.``, ``_``, ``-``; else a ValueError."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+", value):
        raise ValueError(f"not a plain word: {value!r}")
    return Shell(value)


def variable(value: str) -> Shell:
    """The name of an environment variable; anything else is a ValueError."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError(f"not the name of a variable: {value!r}")
    return Shell(value)


def words(values: list[str]) -> Shell:
    """Several words, each quoted, with a space between them."""
    return Shell(" ".join(quote(value) for value in values))


def heredoc(text: str, name: str) -> Shell:
    r"""A redirection whose standard input is ``text`` and, if it lacks one, a final line feed.

    The delimiter is ``name``, or ``name_`` … when a line of the text reads so: ``<<'EOF'\n…\nEOF``.
    """
    if "\0" in text:
        raise ValueError("a here-document cannot hold a NUL byte")
    body = text if text.endswith("\n") else text + "\n"
    delimiter = name
    while delimiter in body.split("\n"):
        delimiter += "_"
    return Shell(f"<<'{delimiter}'\n{body}{delimiter}")


def toml_string(value: str) -> str:
    """A TOML basic string."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def yaml_string(value: str) -> str:
    """A YAML double-quoted scalar on one line, read back alike by YAML 1.1 and 1.2."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(char if _printable(char) else f"\\u{ord(char):04x}" for char in text)


def systemd_assignment(name: str, value: str) -> str:
    """The line of a unit that puts ``name=value`` into a service's environment."""
    text = json.dumps(f"{name}={value}", ensure_ascii=False).replace("%", "%%")
    return f"Environment={text}"


def _printable(char: str) -> bool:
    """Whether a YAML reader takes the character as it is (YAML 1.2 §5.1, without the line breaks of 1.1)."""
    code = ord(char)
    if code < 0xA0:
        return 0x20 <= code < 0x7F
    return code not in (0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF) and not 0xD800 <= code < 0xE000
