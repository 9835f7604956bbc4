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

# one template a line: the pieces of Jinja that published templates use, and some that they might
MORE = r'''
{% macro greet(x, y='!') %}[{{ x }}{{ y }}]{% endmacro %}{{ greet('a') }}{{ greet('b', '?') }}{{ greet(x='c', y='.') }}
{% macro m(x) %}{% if x > 0 %}{{ x }}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(3) }}
{% macro shown(m) -%}{{ m.role | upper }}: {{ m.content | trim }}{%- endmacro %}{% for m in messages %}{{ shown(m) }};{% endfor %}
{% for i in [] %}x{% else %}none{% endfor %}{% for i in [1] %}{{ i }}{% else %}none{% endfor %}
{% for m in messages if m.role == 'tool' %}x{% else %}no tools{% endfor %}
{{ {'b': 1, 'a': [1, {'c': none}], 'e': [], 'f': {}} | tojson(indent=2) }}
{{ {'b': 1, 'a': 2} | tojson(sort_keys=true) }}
{{ [1, 2] | tojson(separators=(',', ':')) }}
{{ 'é<&>' | tojson }}{{ 'é' | tojson(ensure_ascii=true) }}
{{ 1.5 }}{{ 2.0 }}{{ 7 / 2 }}{{ 6 / 3 }}{{ 0.1 + 0.2 }}{{ 1e3 if false }}
{{ [1, 'a', none, true] }}{{ {'a': 'b'} }}{{ messages[0] }}
{{ 'Hello World'.title() }}{{ 'abc'.count('b') }}{{ 'a\nb'.splitlines() | tojson }}{{ 'x'.join(['a', 'b']) }}
{{ 'a-b-c'.rsplit('-', 1) | tojson }}{{ 'abc'.removeprefix('a') }}{{ 'abc'.removesuffix('c') }}{{ '12'.isdigit() }}
{{ 'abc'.index('c') }}{{ 'abcabc'.rfind('b') }}
{{ messages | selectattr('role', 'in', ['user']) | list | length }}
{{ [3, 1, 2] | sort | join(',') }}{{ ['b', 'A'] | sort | join }}{{ [1, 2, 3] | sum }}{{ [1, 2, 3] | max }}{{ [1, 2] | min }}
{{ [1, 1, 2] | unique | list | tojson }}{{ [1, 2, 3] | reverse | list | tojson }}{{ 'abc' | reverse }}
{{ 3.7 | int }}{{ '3.5' | float }}{{ 3.14159 | round(2) }}{{ -3 | abs }}{{ 'x' | int(5) }}
{{ 'hello world' | title }}{{ 'a\nb' | indent(2) }}{{ 'a\nb' | indent(2, true) }}
{{ messages | map('length') | list | tojson }}{{ ['a', 'b'] | map('upper') | join }}
{{ [1, 2, 3, 4] | select('odd') | list | tojson }}{{ [0, 1] | reject('equalto', 0) | list | tojson }}
{{ {'b': 1, 'a': 2} | dictsort | tojson }}
{{ 'abc' | list | tojson }}
{% for i in range(6, 0, -2) %}{{ i }}{% endfor %}{% for i in range(3) %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.cycle('a', 'b') }}{% endfor %}
{% for a in [1, 2] %}{% for b in [1, 2] %}{{ loop.index }}{{ loop.depth }}{% endfor %}{% endfor %}
{% set ns = namespace(found=false, n=0, last=none) %}{% for m in messages %}{% if m.role == 'user' %}{% set ns.found = true %}{% set ns.n = ns.n + 1 %}{% set ns.last = m.content %}{% endif %}{% endfor %}{{ ns.found }}{{ ns.n }}{{ ns.last }}
{% set a, b = 1, 2 %}{{ a }}{{ b }}
{% set x = {'a': 1} %}{{ x['a'] }}{{ x.a }}{{ x.b is defined }}{{ x | length }}
{{ messages[::-1] | map(attribute='role') | join(',') }}{{ messages[1:] | length }}{{ messages[-1].content }}{{ messages[:2] | length }}{{ 'abcdef'[::2] }}{{ 'abcdef'[-3:-1] }}
{{ messages[-1]['content'][0] }}{{ messages[0]['x'] is defined }}{{ messages[0].content[2:3] }}
{% filter upper %}abc{{ 1 }}{% endfilter %}
{% set t | trim %}  a  {% endset %}[{{ t }}]
{% with a = 1 %}{{ a }}{% endwith %}{{ a is defined }}
{% call(x) wrap() %}a{% endcall %}
{% raw %}{{ no }}{% endraw %}
{% if messages is iterable and messages is not string and messages is not mapping %}y{% endif %}{{ 1 is number }}{{ 1.5 is float }}{{ none is sameas none }}{{ 'A' is upper }}{{ 'a' is lower }}
{{ 2 ** 3 }}{{ 7 // 2 }}{{ -7 // 2 }}{{ -7 % 3 }}{{ 7 % -3 }}{{ 1 - -1 }}{{ +3 }}
{{ 'a' in {'a': 1} }}{{ 'a' not in 'b' }}{{ 1 if 0 else 2 }}{{ (1 if true) }}{{ not true or true }}{{ true and false or true }}
{{ none | default('x', true) }}{{ missing | default }}{{ missing.x is defined }}
{{ true | tojson }}{{ 1.0 | tojson }}{{ none | tojson }}{{ 'a\u0041\x41' }}
{{ strftime_now('') }}{{ strftime_now('%%') }}
{% generation %}{{ 'a' }}{% endgeneration %}b
{{ messages | length > 2 }}{{ (messages | length) - 1 }}{{ [1,2,3][1] }}{{ (1, 2)[0] }}
{{ dict(a=1, b='c') | tojson }}
{{ [[1, 2], [3]] | first | last }}{{ [] | first is defined }}{{ 'a,b' | replace(',', ';') }}{{ 'aaa' | replace('a', 'b', 2) }}{{ 'aaa'.replace('a', 'b', 1) }}
{{ '  a '.strip() ~ 'b' }}{{ 'abc' | length }}{{ 'a' ~ none ~ 1.5 }}
{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{% endfor %}{% for k in {'a': 1} %}{{ k }}{% endfor %}{% for k, v in {'a': 1} | items %}{{ k }}{{ v }}{% endfor %}
{{ {'a': 1}.keys() | list | tojson }}{{ {'a': 1}.values() | list | tojson }}{{ {'a': 1}.get('b') }}
{{ 'a' if x is defined else 'b' }}{{ messages[0] is mapping }}{{ messages[0].content is string }}{{ messages is sequence }}
{% break %}
{% for m in messages %}{% if loop.first %}{% continue %}{% endif %}{{ loop.index }}{% if loop.last %}!{% endif %}{% endfor %}
{{ 'x' * 0 }}{{ 'abc' < 'abd' }}{{ 'a' == "a" }}{{ 1 == 1.0 }}{{ true == 1 }}
{# comment #}{{ '{{' }}{{ "}}" }}{{ '%}' }}
{%- set x = 1 -%}   {{- x -}}   {#- c -#}   y
{{ messages | tojson(indent=4) | length }}{{ messages | tojson }}
{{ raise_exception('x' ~ 1) }}
{% if (messages[0].role == 'user') != (0 % 2 == 0) %}{{ raise_exception('alternate') }}{% endif %}ok
{{ 'abc' is startingwith 'a' }}
{{ 'a' | nosuchfilter }}
{{ 'a' is nosuchtest }}
{{ nosuchfunction() }}
{{ missing + 1 }}
{{ messages.foo.bar }}
{{ 'a'.nosuchmethod() }}
{% include 'x' %}
{% import 'x' as y %}
{% set ns = namespace() %}{{ ns.x is defined }}{% set ns.x = [] %}{% set ns.x = ns.x + [1] %}{{ ns.x }}
{% do messages.append({'role': 'x'}) %}{{ messages | length }}
{% set l = [] %}{{ l.append(1) }}{{ l }}{% set _ = l.append(2) %}{{ l | length }}{% set d = {} %}{% set _ = d.update({'a': 1}) %}{{ d }}
{{ messages | list | pop }}
{{ 'abc'[5:] }}{{ 'abc'[5] is defined }}{{ [1,2,3][-2:] }}{{ [1,2,3][::-1] }}{{ 'ab'[:1] ~ 'c' }}
{{ -3 | abs }}{{ -2 ** 2 }}{{ - 1 + 2 }}{{ '%.2f' | length }}
{{ (1, 2) }}{{ (1,) }}{{ 'it\'s' ~ ['it\'s', "q\"", 'tab\t', 'é', '\u200b'] }}{{ (1, 2) == [1, 2] }}{{ messages[0].items() | list }}
{{ 1e16 }}{{ 1e15 }}{{ 0.0001 }}{{ 0.00001 }}{{ 1.0e-7 }}{{ 3.0 // 2 }}{{ -3.5 % 2 }}{{ 5 / 0.5 }}
[{{ '\xa0a\u2003'.strip() }}][{{ 'a\xa0b'.split() }}][{{ '\x1ca' | trim }}][{{ 'a\u200b'.strip() | length }}]
{% for m in messages %}{% set ns = namespace(x=loop.index) %}{% for i in [] %}{% else %}{{ ns.x }}{% endfor %}{% endfor %}
{% macro a() %}{% for i in range(3) %}{% if i == 1 %}{% break %}{% endif %}{{ i }}{% endfor %}{% endmacro %}{{ a() }}
{% for i in range(3) %}{% macro b() %}{% break %}{% endmacro %}{% endfor %}
{% raw -%}  {{ a }} {% x %}  {%- endraw %}  b
{% macro f(a, b) %}{{ a }}{{ b is defined }}{% endmacro %}{{ f(1) }}{{ f(1, 2, 3) }}
{% set x = 1 %}{% macro f(y=x) %}{{ y }}{{ x }}{% endmacro %}{% set x = 2 %}{{ f() }}
'''
# what Jinja does and sglp refuses by its name
REFUSED = r'''
{{ 'ab1'.isalnum() }}
{{ 'a b'.swapcase() }}
{{ '5'.zfill(3) }}
{{ '{} and {}'.format('a', 1) }}
{{ '%s-%d' % ('a', 3) }}
{{ 'a  b' | wordcount }}
{{ '<a>' | escape }}
{% for m in messages | groupby('role') %}{{ m.grouper }}{% endfor %}
{{ [1, 2, 3] | batch(2) | list | tojson }}
{% for x in [1, 1, 2] %}{% if loop.changed(x) %}{{ x }}{% endif %}{% endfor %}
{% macro wrap() %}<{{ caller() }}>{% endmacro %}{% call wrap() %}a{% endcall %}
{{ cycler is defined }}
{% set c = cycler('a', 'b') %}{{ c.next() }}
{{ [1] * 2 }}
{{ [1, 2].index(2) }}
{{ 'a'.encode is defined }}
{{ messages[0].items is defined }}
{{ {'a': 1}.items() }}
{{ range(3) }}
{{ 1 is sameas 1 }}
{% macro f() %}{{ varargs | length }}{% endmacro %}{{ f() }}
'''


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
    small = [{"template": source, "text": rendered(source, "turns")} for source in SMALL + MORE.strip().split("\n")]
    refused = REFUSED.strip().split("\n")
    assert all(rendered(source, "turns") is not None for source in refused)
    text = json.dumps({"conversations": conversations, "templates": templates, "small": small, "refused": refused}, indent=1, ensure_ascii=False)
    (folder / "expected.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
