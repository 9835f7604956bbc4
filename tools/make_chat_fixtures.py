"""What transformers makes of chat templates: the text of conversations, or that the template refuses them.

    python tools/make_chat_fixtures.py core/src/test/resources/text/chat

Needs transformers. The templates DIR/*.jinja are our own, in the manner of widely used ones (loops, namespaces,
slices, strings' methods, filters, tests, trimmed blocks); `small` in the cases holds templates of one line each. Writes
DIR/expected.json.
"""

import json
import sys
from pathlib import Path

from transformers.utils.chat_template_utils import _compile_jinja_template

CONVERSATIONS = {
    "one": [("user", "What is 2+2?")],
    "system": [("system", " Be brief.\n"), ("user", "Hi ünïcode <b> \"q\" 'x' & {{no}}")],
    "turns": [("user", "  a \n"), ("assistant", "<think>\nhm\n</think>\n\nb "), ("user", "c")],
    "bad": [("user", "a"), ("user", "b")],
    "odd": [("judge", "a")],
}
SMALL = [
    "{{ messages|length - 1 }}", "{{ 1 + 2 * 3 - 4 // 3 % 2 }}", "{{ 'a' ~ 1 ~ true ~ none }}", "{{ not 1 == 2 and 3 > 2 }}",
    "{{ 'x' if messages else 'y' }}{{ 'z' if false }}", "{{ messages[0] | tojson }}", "{{ [1, 'a\"\\n', none, true] | tojson }}",
    "{{ {'a': [1], 'b': {}} | tojson }}", "{% for k, v in messages[0].items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for m in messages if m.role == 'user' %}{{ loop.index }}/{{ loop.length }}{{ ',' if not loop.last }}{% endfor %}",
    "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 3 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% set x = 1 %}{% for i in range(2) %}{% set x = i + 5 %}{% endfor %}{{ x }}",
    "{% set ns = namespace(x=1, y='a') %}{% for i in range(3) %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns.y }}",
    "{% set t %} a {{ 1 }} {% endset %}[{{ t | trim }}]", "{{ 'abcdef'[1:4] }}{{ 'abc'[::-1] }}{{ 'abc'[-1] }}{{ [1, 2, 3][:-1] | tojson }}",
    "{{ 'a,b,,c'.split(',') | tojson }}{{ '  a  b '.split() | tojson }}{{ 'a-b-c'.split('-', 1) | tojson }}",
    "{{ 'xxaxx'.strip('x') }}{{ 'xxaxx'.lstrip('x') }}{{ 'xxaxx'.rstrip('x') }}[{{ '\\n a '.strip() }}]",
    "{{ 'Ab'.upper() }}{{ 'Ab'.lower() }}{{ 'ab cd' | capitalize }}{{ 'ab'.startswith('a') }}{{ 'ab'.endswith('a') }}",
    "{{ missing is defined }}{{ missing is not defined }}{{ missing | default('d') }}{{ none | default('d') }}{{ '' | default('d', true) }}",
    "{{ not missing is defined }}{{ none is none }}{{ 'a' is string }}{{ messages is mapping }}{{ messages is iterable }}",
    "{{ 'b' in 'abc' }}{{ 'x' not in ['a'] }}{{ 'role' in messages[0] }}{{ 1 in [true] }}", "{{ 3 is odd }}{{ 4 is divisibleby 2 }}{{ 1 is eq 1 }}",
    "{{ messages | map(attribute='role') | join('+') }}", "{{ messages | selectattr('role', 'equalto', 'user') | list | length }}",
    "{{ messages | rejectattr('role', 'equalto', 'user') | map(attribute='content') | first }}",
    "a\n  {% if true %}\n  b\n  {% endif %}\nc\n", "a\n  {%- if true -%}\n  b\n  {%- endif %}\nc", "a  {# no #}  b\n{# no #}\nc",
    "x {%+ if true +%}\n y {% endif %} z", "  {{ 1 }}\n{{- 2 -}}\n 3", "{{ bos_token + eos_token }}", "{% generation %}a{% endgeneration %}",
    "{{ messages[5] is defined }}", "{{ messages[0].nothing is defined }}", "{{ messages[0].get('role', 'x') }}{{ messages[0].get('y', 'x') }}",
    "{{ 'a' 'b' }}", "{{ \"it's\" }}{{ 'a\\'b' }}", "{{ 1 < 2 < 3 }}{{ 1 < 3 < 2 }}", "{{ -2 + 1 }}", "{{ (1, 'a') | tojson }}", "{{ missing.field }}",
    "{{ 'a' + 1 }}", "{{ 'a' * 3 }}", "{{ [1] + [2] | list | tojson }}", "{{ '%s' | replace('%', 'p') }}{{ 'aXbX'.replace('X', 'y') }}",
    "{% if a is defined and a %}1{% elif messages | length == 9 %}2{% else %}3{% endif %}", "{{ raise_exception('no') }}", "{{ '7' | int + 1 }}", "{{ tools is defined }}{{ tools is none }}{{ documents | default('d') }}",
    "{% for m in messages %}{{ loop.previtem.role if not loop.first }}>{{ loop.nextitem.role if loop.nextitem is defined }};{% endfor %}",
]


def rendered(source, conversation, generation=True):
    messages = [{"role": role, "content": content} for role, content in CONVERSATIONS[conversation]]
    try:
        return _compile_jinja_template(source).render(messages=messages, tools=None, documents=None, add_generation_prompt=generation,
                                                      bos_token="<s>", eos_token="</s>", date_string="1 Jan 2020")
    except Exception:  # noqa: BLE001 - the template may refuse in any way
        return None


def main():
    folder = Path(sys.argv[1])
    templates = {path.stem: {c: rendered(path.read_text(), c) for c in CONVERSATIONS} for path in sorted(folder.glob("*.jinja"))}
    conversations = {name: [{"role": r, "content": c} for r, c in turns] for name, turns in CONVERSATIONS.items()}
    small = [{"template": source, "text": rendered(source, "turns")} for source in SMALL]
    text = json.dumps({"conversations": conversations, "templates": templates, "small": small}, indent=1, ensure_ascii=False)
    (folder / "expected.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
