"""Personalization expressions: a small, sandboxed Liquid, parsed once and quick to render. Pure.

ExpressionError    what a person wrote cannot be used: code, translated sentence, position (422)

Allowed: output `{{ profile.first_name | default: "there" }}` with the filters of filters.py, and the tags if, unless,
case. Everything that loops, keeps or includes is refused before it is parsed. Source: python-liquid 2.3.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TextIO

from django.utils.translation import gettext as _
from liquid import Environment
from liquid.builtin import content, illegal, output
from liquid.builtin.tags import case_tag, comment_tag, if_tag, unless_tag
from liquid.exceptions import LiquidError, UnknownFilterError
from liquid.template import BoundTemplate

from channels_app.content.filters import FILTERS, FilterFailed, as_text, default
from console.kit.errors import Refused

MAX_EXPRESSION = 600
ROOTS = ("profile", "workspace", "now")
TAGS = ("if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "comment", "endcomment")
LOOP_TAGS = frozenset(("for", "tablerow", "cycle", "break", "continue", "endfor", "endtablerow"))
Context = Mapping[str, Any]

_TAG = re.compile(r"\{%-?\s*([A-Za-z_#]*)")
_RANGE = re.compile(r"\(\s*[\w.\"']+\s*\.\.")
_PLAIN = re.compile(
    r"""\{\{-?\s*(profile|workspace)\.([A-Za-z_][A-Za-z0-9_]*)\s*"""
    r"""(?:\|\s*default:\s*(?:"([^"{}|]*)"|'([^'{}|]*)')\s*)?-?\}\}"""
)
_SPECIAL = frozenset(("size", "first", "last"))  # Liquid's own properties of texts and lists


class ExpressionError(Refused):
    """What was written is no usable expression; `position` counts characters from 1 (0: the whole)."""

    status = 422

    def __init__(self, code: str, sentence: str, *, position: int = 0) -> None:
        super().__init__(code, sentence)
        self.position = position


class _OutputNode(output.OutputNode):
    """Writes values as messages show them, which is not always Python's way."""

    def render_to_output(self, context: Any, buffer: TextIO) -> int:
        return buffer.write(as_text(self.expression.evaluate(context)))


class _Output(output.Output):
    node_class = _OutputNode


class _Sandbox(Environment):
    """Liquid with only our filters and tags, and a limit on everything that could grow."""

    loop_iteration_limit = 100
    local_namespace_limit = 1_000
    output_stream_limit = 8_192
    block_nesting_limit = 8
    context_depth_limit = 8

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for part in (content.Literal, _Output, illegal.Illegal):
            self.add_tag(part)
        for tag in (if_tag.IfTag, unless_tag.UnlessTag, case_tag.CaseTag, comment_tag.CommentTag):
            self.add_tag(tag)
        self.filters.update(FILTERS)


_ENVIRONMENT = _Sandbox(strict_filters=True)


class Expression:
    """A parsed expression. `render(context)` gives text or raises ExpressionError; a constant costs nothing."""

    __slots__ = ("_render", "is_constant", "names", "source")

    def __init__(
        self, source: str, render: Callable[[Context], str], names: tuple[str, ...], *, is_constant: bool = False
    ) -> None:
        self.source = source
        self.names = names  # the paths it reads, such as "profile.first_name"
        self.is_constant = is_constant
        self._render = render

    def render(self, context: Context) -> str:
        return self._render(context)


@lru_cache(maxsize=4_096)
def compile_expression(source: str) -> Expression:
    """Parses an expression once per process and source. Raises ExpressionError with a sentence that says what to change."""
    if len(source) > MAX_EXPRESSION:
        raise ExpressionError(
            "expression.long",
            _("This is longer than %(limit)d characters. Shorten it, or prepare the text as an attribute.")
            % {"limit": MAX_EXPRESSION},
        )
    if "{{" not in source and "{%" not in source:
        return Expression(source, lambda context: source, (), is_constant=True)
    plain = _PLAIN.fullmatch(source.strip())
    if plain and plain[2] not in _SPECIAL:
        return _plain(source, plain)
    _refuse_tags(source)
    template = _parse(source)
    names = _check_names(template, source)
    return Expression(source, lambda context: _run(template, context), names)


def _plain(source: str, match: re.Match[str]) -> Expression:
    """The common form without the interpreter: one lookup and a default."""
    root, name = match[1], match[2]
    fallback = match[3] if match[3] is not None else match[4]

    def render(context: Context) -> str:
        value = context.get(root, {}).get(name)
        text = value if isinstance(value, str) else as_text(value)
        return text if fallback is None else as_text(default(value, fallback))

    return Expression(source, render, (f"{root}.{name}",))


def _refuse_tags(source: str) -> None:
    for match in _TAG.finditer(source):
        tag, position = match[1], match.start() + 1
        if tag in TAGS:
            continue
        if tag in LOOP_TAGS:
            sentence = _("Loops can't be used here (“%(tag)s” at character %(position)d). Write the value itself.")
        else:
            sentence = _("“%(tag)s” can't be used here (at character %(position)d). Only if, unless and case can.")
        raise ExpressionError(
            "expression.tag", sentence % {"tag": f"{{% {tag} %}}", "position": position}, position=position
        )
    ranges = _RANGE.search(source)
    if ranges:
        raise ExpressionError(
            "expression.range",
            _("Ranges such as (1..10) can't be used here (at character %(position)d).")
            % {"position": ranges.start() + 1},
            position=ranges.start() + 1,
        )


def _parse(source: str) -> BoundTemplate:
    try:
        return _ENVIRONMENT.from_string(source)
    except LiquidError as error:
        position = _position(error)
        raise ExpressionError(
            "expression.syntax", _syntax_sentence(source, error, position), position=position
        ) from None
    except Exception:  # the library's parser has no other declared error, but a person's text must never break a page
        raise ExpressionError(
            "expression.syntax", _("This isn't complete Liquid. Check the braces and quotes.")
        ) from None


def _position(error: LiquidError) -> int:
    token = error.token
    return token.start_index + 1 if token is not None and token.start_index >= 0 else 0


def _syntax_sentence(source: str, error: LiquidError, position: int) -> str:
    detail = " ".join(str(error.message or "").split())[:120]
    if not position:
        return _("This isn't complete Liquid: %(detail)s.") % {"detail": detail}
    near = source[max(0, position - 1) : position + 14]
    return _("This can't be read at character %(position)d, near “%(near)s”: %(detail)s.") % {
        "position": position,
        "near": near,
        "detail": detail,
    }


def _check_names(template: BoundTemplate, source: str) -> tuple[str, ...]:
    """Refuses unknown filters and names at once, not first when a message is made; gives the paths that are read."""
    try:
        found = template.analyze()
    except Exception:  # same as in _parse
        raise ExpressionError(
            "expression.syntax", _("This isn't complete Liquid. Check the braces and quotes.")
        ) from None
    for name, spans in found.filters.items():
        if name not in FILTERS:
            position = spans[0].index + 1
            raise ExpressionError(
                "expression.filter",
                _("There is no filter “%(name)s” (at character %(position)d). There are: %(known)s.")
                % {"name": name, "position": position, "known": ", ".join(sorted(FILTERS))},
                position=position,
            )
    for name, variables in found.globals.items():
        if str(name) not in ROOTS:
            position = variables[0].span.index + 1
            raise ExpressionError(
                "expression.name",
                _("“%(name)s” is unknown (at character %(position)d). Start with profile, workspace or now.")
                % {"name": str(name)[:40], "position": position},
                position=position,
            )
    return tuple(dict.fromkeys(str(variable) for variables in found.variables.values() for variable in variables))


def _run(template: BoundTemplate, context: Context) -> str:
    try:
        return template.render(context)
    except (FilterFailed, UnknownFilterError) as error:
        code = str(error) if isinstance(error, FilterFailed) else "filter"
        raise ExpressionError(f"expression.{code}", _failure(code)) from None
    except Exception:  # a value of a strange type inside the library: the fallback is used instead
        raise ExpressionError("expression.failed", _failure("failed")) from None


def _failure(code: str) -> str:
    if code == "date":
        return _("The value is no date. Write dates as 2026-03-14 or 2026-03-14T10:00:00+01:00.")
    if code == "number":
        return _("The value is no number.")
    if code == "long":
        return _("The result is longer than a message can be.")
    return _("The value can't be worked out from this expression.")
