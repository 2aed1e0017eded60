"""Regular expressions of Go, Rust and C++ (RE2's syntax) and of grep (POSIX extended), read into a tree.

https://github.com/google/re2/wiki/Syntax; https://docs.rs/regex/latest/regex/#syntax;
https://pubs.opengroup.org/onlinepubs/9699919799/basedefs/V1_chap09.html
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tightlip.interop import characters
from tightlip.interop.characters import DIGIT, LAST, NEWLINE, POSIX, SPACE, WORD, Ranges, inverted, union
from tightlip.interop.tree import At, Chars, Either, Group, Node, Repeat, Sequence

MOST_CHARACTERS, _MOST_NESTED = 10_000, 50
_MOST_REPEATS = 10_000
_CONTROL = {"a": 0x07, "f": 0x0C, "n": 0x0A, "r": 0x0D, "t": 0x09, "v": 0x0B}
_CLASSES = {"d": DIGIT, "w": WORD, "s": SPACE, "h": ((0x09, 0x09), (0x20, 0x20))}


@dataclass(frozen=True, slots=True)
class _Flags:
    caseless: bool = False
    lines: bool = False
    dot_all: bool = False
    swapped: bool = False
    spaced: bool = False


def parse(pattern: str, syntax: str) -> Node:
    """Return the tree of a pattern. Raises `ValueError`, saying what is wrong with it or cannot be expressed."""
    if len(pattern) > MOST_CHARACTERS:
        raise ValueError(f"is longer than {MOST_CHARACTERS} characters")
    return (_Posix if syntax == "ere" else _Perl)(pattern).parse()


class _Parser:
    """What both syntaxes share: alternatives, sequences, groups and repeats."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.at, self.groups, self.depth = pattern, 0, 0, 0
        self.flags = _Flags()

    def parse(self) -> Node:
        node = self.either()
        if self.at < len(self.pattern):
            raise ValueError("has a ) without its (")
        return node

    def peek(self, length: int = 1) -> str:
        return self.pattern[self.at : self.at + length]

    def take(self, length: int = 1) -> str:
        taken = self.peek(length)
        if len(taken) < length:
            raise ValueError("ends too early")
        self.at += length
        return taken

    def taken(self, text: str) -> bool:
        """Whether `text` came next; it is behind us then."""
        found = self.pattern.startswith(text, self.at)
        self.at += len(text) * found
        return found

    def either(self) -> Node:
        before, branches = self.flags, [self.sequence()]
        while self.taken("|"):
            branches.append(self.sequence())
        self.flags = before
        return branches[0] if len(branches) == 1 else Either(tuple(branches))

    def sequence(self) -> Node:
        items: list[Node] = []
        while self.at < len(self.pattern) and self.peek() not in "|)":
            found = self.atom()
            if found is not None:
                items.append(self.repeated(found))
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def atom(self) -> Node | None:
        raise NotImplementedError

    def repeated(self, node: Node) -> Node:
        while (bounds := self.bounds()) is not None:
            lazy = self.is_lazy()
            node = Repeat(node, *bounds, lazy=lazy)
        return node

    def is_lazy(self) -> bool:
        return False

    def bounds(self) -> tuple[int, int | None] | None:
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        if (character := self.peek()) and character in simple:
            self.at += 1
            return simple[character]
        return self.braces() if character == "{" else None

    def braces(self) -> tuple[int, int | None] | None:
        """Read `{m}`, `{m,}`, `{m,n}`; anything else is a brace as it is."""
        inside, close, _ = self.pattern[self.at + 1 :].partition("}")
        low, comma, high = inside.partition(",")
        if not close or len(inside) > 16 or not _is_number(low) or (comma and high and not _is_number(high)):
            return None
        self.at += len(inside) + 2
        most = int(high) if high else None if comma else int(low)
        if int(low) > _MOST_REPEATS or (most or 0) > _MOST_REPEATS or (most is not None and most < int(low)):
            raise ValueError("has a repeat with bounds that are not possible")
        return int(low), most

    def grouped(self) -> Node:
        """Read what stands in a group, to its end."""
        self.depth += 1
        if self.depth > _MOST_NESTED:
            raise ValueError(f"has more than {_MOST_NESTED} groups in each other")
        node = self.either()
        if not self.taken(")"):
            raise ValueError("has a ( without its )")
        self.depth -= 1
        return node

    def captured(self, name: str = "") -> Node:
        self.groups += 1
        index = self.groups
        return Group(index, name, self.grouped())

    def chars(self, ranges: Ranges) -> Node:
        return Chars(union(ranges), self.flags.caseless)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


class _Perl(_Parser):
    """RE2 and Rust's regex."""

    def atom(self) -> Node | None:
        character = self.take()
        if self.flags.spaced and (character.isspace() or character == "#"):
            if character == "#":
                end = self.pattern.find("\n", self.at)
                self.at = len(self.pattern) if end < 0 else end + 1
            return None
        if character == "(":
            return self.group()
        if character == "[":
            return self.chars(self.bracket())
        if character == ".":
            return self.chars(((0, LAST),) if self.flags.dot_all else inverted(NEWLINE))
        if character in "^$":
            place = "start" if character == "^" else "end"
            return At(f"line {place}" if self.flags.lines else place)
        if character in "*+?":
            raise ValueError(f"has a {character} with nothing to repeat")
        return self.escape() if character == "\\" else self.literal(character)

    def literal(self, character: str) -> Node:
        return self.chars(((ord(character), ord(character)),))

    def repeated(self, node: Node) -> Node:
        while self.flags.spaced and self.peek().isspace():
            self.at += 1
        return super().repeated(node)

    def is_lazy(self) -> bool:
        if self.taken("+"):
            raise ValueError("has a possessive repeat, which cannot be expressed")
        return self.taken("?") != self.flags.swapped

    def group(self) -> Node | None:
        if not self.taken("?"):
            return self.captured()
        if self.taken("P<") or (self.peek() == "<" and self.peek(2) not in ("<=", "<!") and self.taken("<")):
            name, close, _ = self.pattern[self.at :].partition(">")
            if not close or not name.isidentifier():
                raise ValueError("has a group whose name cannot be read")
            self.at += len(name) + 1
            return self.captured(name)
        for mark in ("=", "!", "<=", "<!", ">", "#", "P=", "P>", "|", "(", "R", "&"):
            if self.peek(len(mark)) == mark:
                raise ValueError(f"has (?{mark}, which RE2 and Rust do not have")
        return self.flagged()

    def flagged(self) -> Node | None:
        """Read `(?flags)`, which count to the end of the group, or `(?flags:...)`."""
        before, flags, on = self.flags, self.flags, True
        names = {"i": "caseless", "m": "lines", "s": "dot_all", "U": "swapped", "x": "spaced"}
        while (character := self.take()) not in ":)":
            if character == "-" and on:
                on = False
            elif character in names:
                flags = replace(flags, **{names[character]: on})
            elif character != "u":  # Rust's own: ASCII or not
                raise ValueError(f"has the flag {character!r}, which is not known")
        self.flags = flags
        if character == ")":
            return None
        node = self.grouped()
        self.flags = before
        return node

    def escape(self) -> Node:
        character = self.take()
        places = {"A": "start", "z": "end", "Z": "end", "b": "boundary", "B": "inside"}
        if character in places:
            if character == "b" and self.peek() == "{":
                raise ValueError("has a boundary of a kind that cannot be expressed")
            return At(places[character])
        if character == "Q":
            text, _, _ = self.pattern[self.at :].partition(r"\E")
            self.at = min(len(self.pattern), self.at + len(text) + 2)
            items = tuple(map(self.literal, text))
            # A repeat behind it is of the last character alone.
            return Sequence((*items[:-1], self.repeated(items[-1]))) if items else Sequence()
        if character == "C":
            return self.chars(((0, LAST),))
        return self.chars(self.escaped(character))

    def escaped(self, character: str) -> Ranges:
        """Return the characters that an escape stands for, inside of brackets or not."""
        if (named := _CLASSES.get(character.lower())) is not None:
            return named if character.islower() else inverted(named)
        if character in "pP":
            return self.unicode(negated=character == "P")
        code = self.code(character)
        return ((code, code),)

    def unicode(self, *, negated: bool) -> Ranges:
        name = self.take()
        if name == "{":
            name, close, _ = self.pattern[self.at :].partition("}")
            if not close:
                raise ValueError("has a \\p{ without its }")
            self.at += len(name) + 1
        if name.startswith("^"):
            name, negated = name[1:], not negated
        found = characters.of_unicode(name, negated=negated)
        if found is None:
            raise ValueError("has a \\p of a class that is not known")
        return found

    def code(self, character: str) -> int:
        if character in _CONTROL:
            return _CONTROL[character]
        if character in ("x", "u", "U"):
            return self.hexadecimal({"x": 2, "u": 4, "U": 8}[character])
        if character in "01234567":
            digits = character
            while len(digits) < 3 and self.peek() and self.peek() in "01234567":
                digits += self.take()
            if digits[0] != "0" and len(digits) < 3:
                raise ValueError("has a backreference, which cannot be expressed")
            return int(digits, 8)
        if character.isalnum() and character.isascii():
            raise ValueError(f"has the escape \\{character}, which is not known")
        return ord(character)

    def hexadecimal(self, length: int) -> int:
        if self.taken("{"):
            digits, close, _ = self.pattern[self.at :].partition("}")
            self.at += len(digits) + 1
            if not close or len(digits) > 8:
                raise ValueError("has a character's number that cannot be read")
        else:
            digits = self.take(length)
        try:
            code = int(digits, 16)
        except ValueError:
            raise ValueError("has a character's number that cannot be read") from None
        if code > LAST:
            raise ValueError("has a character's number that is too high")
        return code

    def bracket(self) -> Ranges:
        negated = self.taken("^")
        found: list[Ranges] = []
        first = True
        while first or self.peek() != "]":
            first = False
            if self.peek(2) == "[:":
                found.append(self.posix())
            elif self.peek(2) in ("&&", "--", "~~") or (self.peek() == "[" and self.peek(2) != "[:"):
                found.append(self.nested_or_literal())
            else:
                found.append(self.item())
        self.take()
        ranges = union(*found)
        return inverted(_both_cases(ranges) if self.flags.caseless else ranges) if negated else ranges

    def nested_or_literal(self) -> Ranges:
        if self.peek(2) == "&&":
            raise ValueError("has && in brackets, which cannot be expressed")
        return self.item()

    def posix(self) -> Ranges:
        name, close, _ = self.pattern[self.at + 2 :].partition(":]")
        if not close or name.removeprefix("^") not in POSIX:
            raise ValueError("has a [: of a class that is not known")
        self.at += len(name) + 4
        found = POSIX[name.removeprefix("^")]
        return inverted(found) if name.startswith("^") else found

    def item(self) -> Ranges:
        """Read a character, a range, or an escape that stands for several."""
        low = self.end()
        if self.peek() != "-" or self.peek(2) in ("-]", "-") or not characters.single(low):
            return low
        self.take()
        high = self.end()
        if not characters.single(high) or high[0][0] < low[0][0]:
            raise ValueError("has a range in brackets that ends before it begins")
        return ((low[0][0], high[0][0]),)

    def end(self) -> Ranges:
        character = self.take()
        if character != "\\":
            return ((ord(character), ord(character)),)
        character = self.take()
        return ((0x08, 0x08),) if character == "b" else self.escaped(character)


def _both_cases(ranges: Ranges) -> Ranges:
    swapped = [
        (ord(chr(code).swapcase()),) * 2
        for low, high in ranges
        for code in range(max(low, 0x41), min(high, 0x7A) + 1)
        if chr(code).isalpha()
    ]
    return union(ranges, tuple((low, high) for low, high in swapped))


class _Posix(_Parser):
    """POSIX extended, with GNU's escapes, as grep matches it: one line at a time."""

    def atom(self) -> Node | None:
        character = self.take()
        if character == "(":
            return self.captured()
        if character == "[":
            return self.chars(self.bracket())
        if character == ".":
            return self.chars(inverted(NEWLINE))
        if character in "^$":
            return At("line start" if character == "^" else "line end")
        return self.escape() if character == "\\" else self.chars(((ord(character), ord(character)),))

    def escape(self) -> Node:
        character = self.take()
        places = {"b": "boundary", "B": "inside", "<": "boundary", ">": "boundary", "`": "start", "'": "end"}
        if character in places:
            return At(places[character])
        if character in "wWsS":
            named = _CLASSES[character.lower()]
            return self.chars(characters.without(named if character.islower() else inverted(named), NEWLINE))
        if character in "123456789":
            raise ValueError("has a backreference, which cannot be expressed")
        return self.chars(((ord(character), ord(character)),))

    def bracket(self) -> Ranges:
        negated = self.taken("^")
        found: list[Ranges] = []
        while not found or self.peek() != "]":
            found.append(self.item())
        self.take()
        ranges = union(*found)
        return characters.without(inverted(ranges), NEWLINE) if negated else ranges

    def item(self) -> Ranges:
        if self.peek(2) == "[:":
            name, close, _ = self.pattern[self.at + 2 :].partition(":]")
            if not close or name not in POSIX:
                raise ValueError("has a [: of a class that is not known")
            self.at += len(name) + 4
            return characters.without(POSIX[name], NEWLINE)
        low = self.end()
        if self.peek() != "-" or self.peek(2) in ("-]", "-"):
            return ((low, low),)
        self.take()
        high = self.end()
        if high < low:
            raise ValueError("has a range in brackets that ends before it begins")
        return ((low, high),)

    def end(self) -> int:
        """Read one character; `[.x.]` and `[=x=]` are one too."""
        for mark in ".=":
            if self.taken(f"[{mark}"):
                character = self.take()
                if not self.taken(f"{mark}]"):
                    raise ValueError(f"has a [{mark} of several characters, which cannot be expressed")
                return ord(character)
        return ord(self.take())
