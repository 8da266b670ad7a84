"""`$VAR` in texts, as Go's os.Expand and GitLab Runner's variables read it (pure)."""

import re
from collections.abc import Callable

# `${` without its end and `${}` vanish; `$` before anything else stays.
_REFERENCE = re.compile(r"\$(?:\{([^}]*)\}|(\{)|([*#$@!?\-0-9])|([A-Za-z0-9_]+))")
_SPECIAL = frozenset("*#$@!?0123456789")  # the Runner: `$$` is a dollar, a shell's other parameters are empty


def expand(text: str, value_of: Callable[[str], str]) -> str:
    """Return the text with each `$NAME` and `${NAME}` replaced, once; `$$` is a dollar sign."""
    return _REFERENCE.sub(lambda match: _value(_name(match), value_of), text)


def references(text: str) -> list[str]:
    """Return the names of the variables that expanding a text asks for, in order."""
    names = map(_name, _REFERENCE.finditer(text))
    return [name for name in names if name and name not in _SPECIAL]


def _name(match: re.Match[str]) -> str:
    return match[1] or match[3] or match[4] or ""


def _value(name: str, value_of: Callable[[str], str]) -> str:
    if not name or name in _SPECIAL:
        return "$" if name == "$" else ""
    return value_of(name)
