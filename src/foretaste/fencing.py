"""Untrusted text as a model is shown it: data between fences that it cannot forge.

The material is JSON on one line, so that it can hold no line break and no marker of a chat
template, between two fences whose name is a hash of that very line, which the text therefore
cannot hold.
"""

import json

from foretaste.records import JSON, identity

# Escaped, so that no tokenizer takes them for the control tokens of a chat template.
_MARKERS = {"<": "\\u003c", "[INST": "\\u005bINST", "[/INST": "\\u005b/INST"}
_LINE_ENDS = {"\u0085": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029", "\x7f": "\\u007f"}


def fence(material: JSON) -> tuple[str, str]:
    """The material between two fences, and the fence's name."""
    line = json.dumps(material, ensure_ascii=False)
    for written, escaped in (_MARKERS | _LINE_ENDS).items():
        line = line.replace(written, escaped)
    name = identity("fence", line)[:20]
    return f"=== {name} ===\n{line}\n=== {name} ===", name
