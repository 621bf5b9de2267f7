"""Writes models/tokenizer/chat/testdata/chat.json: what transformers makes of chat templates of the kinds that models have.

    pip install transformers jinja2==3.1.6
    python chat_templates.py > ../../../models/tokenizer/chat/testdata/chat.json
"""

import json

from transformers.utils.chat_template_utils import render_jinja_template

# Written for this test, in the manner of the families they are called by.
TEMPLATES = {
    "llama3": "{% set loop_messages = messages %}{% for message in loop_messages %}{% set content = '<|start_header_id|>' + message['role'] + "
    "'<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}{% set content = bos_token + content %}"
    "{% endif %}{{ content }}{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}",
    "chatml": "{%- if messages[0]['role'] == 'system' %}\n    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}\n"
    "{%- else %}\n    {{- '<|im_start|>system\\nBe helpful.<|im_end|>\\n' }}\n{%- endif %}\n{%- for message in messages %}\n"
    "    {%- if (message.role == \"user\") or (message.role == \"system\" and not loop.first) or (message.role == \"assistant\" and not message.tool_calls) %}\n"
    "        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}\n    {%- elif message.role == \"assistant\" %}\n"
    "        {{- '<|im_start|>' + message.role }}\n        {%- for call in message.tool_calls %}\n"
    "            {%- if call.function is defined %}{%- set call = call.function %}{%- endif %}\n"
    "            {{- '\\n{\"name\": \"' }}{{- call.name }}{{- '\", \"arguments\": ' }}{{- call.arguments | tojson }}{{- '}' }}\n        {%- endfor %}\n"
    "        {{- '<|im_end|>\\n' }}\n    {%- endif %}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|im_start|>assistant\\n' }}\n{%- endif %}",
    "mistral": "{%- if messages[0]['role'] == 'system' %}\n    {%- set system_message = messages[0]['content'] %}\n    {%- set loop_messages = messages[1:] %}\n"
    "{%- else %}\n    {%- set loop_messages = messages %}\n{%- endif %}\n\n{{- bos_token }}\n{%- set ns = namespace(index=0) %}\n"
    "{%- for message in loop_messages %}\n    {%- if message['role'] == 'user' %}\n        {%- set ns.index = ns.index + 1 %}\n"
    "        {%- if loop.last and system_message is defined %}\n            {{- '[INST] ' + system_message + '\\n\\n' + message['content'] + '[/INST]' }}\n"
    "        {%- else %}\n            {{- '[INST] ' + message['content'] + '[/INST]' }}\n        {%- endif %}\n    {%- elif message['role'] == 'assistant' %}\n"
    "        {{- ' ' + message['content'] | trim + eos_token }}\n    {%- elif message['role'] != 'system' %}\n"
    "        {{- raise_exception('Only user and assistant roles, not ' ~ message['role']) }}\n    {%- endif %}\n{%- endfor %}\n{{- ns.index }}",
    "gemma": "{{ bos_token }}{% for message in messages %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}"
    "{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}",
    "blocks": "{# a comment #}\n{% macro show(m, end='.') -%}\n  {{ m.role | upper }}: {{ m.content.split('\\n')[0].strip() }}{{ end }}\n{%- endmacro %}\n"
    "{% for m in messages if m.role != 'system' %}\n  {%- if not loop.first %} | {% endif -%}\n  {{ show(m) }}{{ show(m, end='!') if loop.last else '' }}\n"
    "{% else %}\nnone\n{% endfor %}\n{{ messages | length }} {{ messages[::-1][0].role }} "
    "{{ [1, 2.5, none, true, 'x'] | tojson }} {{ 'sys' in messages[0].role }} {{ messages[0].content[:2] }} {{ 7 // 2 }} {{ 7 % 4 }}\n",
    "filters": "{{ messages | selectattr('role', 'equalto', 'user') | list | length }} {{ x | default('no') }} {{ 'a,b' | replace(',', ';') }} "
    "{{ ['b', 'a'] | join('-') }} {{ {'k': [1, {'z': none}]} | tojson(indent=2) }} {{ messages[0] is mapping }} {{ 'A b'.lower().startswith('a') }} "
    "{{ messages[0].get('name', 'anon') }} {{ (3 > 2) and not (1 == 2) }} {{ range(3) | list }} {{ 'q' ~ 1 ~ true }} {% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}",
}  # fmt: skip
CHATS = [
    [dict(role="user", content=" Hi there \n")],
    [dict(role="system", content="Terse."), dict(role="user", content="One?"), dict(role="assistant", content="1 \u00e9"), dict(role="user", content="2 < 3 & \"4\"\nnext")],
    [dict(role="user", content="q"), dict(role="assistant", content="", tool_calls=[dict(function=dict(name="f", arguments={"b": 1, "a": ["\u00fc", 2.5, None, "<>"]}))])],
]  # fmt: skip
cases = []
for name, template in TEMPLATES.items():
    for chat in CHATS:
        for prompt in (False, True):
            [text], _ = render_jinja_template([chat], chat_template=template, add_generation_prompt=prompt, bos_token="<s>", eos_token="</s>")
            cases.append(dict(name=name, template=template, messages=chat, prompt=prompt, want=text))
print("[" + ",\n".join(json.dumps(c) for c in cases) + "]")
