import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { describeChat } from './describe-chat.ts';
import { ggufFile } from './gguf-file.fixture.ts';

/** A GGUF file without weights, with this template. */
async function openFile(template: string | null) {
  const folder = await mkdtemp(join(tmpdir(), 'headway-chat-'));
  const path = join(folder, 'model.gguf');
  const metadata = {
    'general.architecture': 'llama',
    'tokenizer.ggml.model': 'llama',
    ...(template !== null && { 'tokenizer.chat_template': template }),
  };
  await writeFile(path, ggufFile(metadata, []));
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

const chatMl =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

test('describes a template without tools or thoughts', async () => {
  await using file = await openFile(chatMl);
  expect(await describeChat(file.path)).toEqual({
    template: true,
    fault: null,
    sample: '<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n',
    thinking: false,
    switches: [],
    calls: null,
  });
});

test('describes a template with a switch for thinking and a form for calls', async () => {
  const calls =
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + (m.content or '') }}{% for c in m.tool_calls or [] %}" +
    '{{ \'<call>{"name": "\' + c.function.name + \'", "arguments": \' + (c.function.arguments | tojson) + \'}</call>\' }}' +
    "{% endfor %}{{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}" +
    "{% if enable_thinking is false %}{{ '<think></think>' }}{% endif %}{% endif %}";
  await using file = await openFile(calls);
  expect(await describeChat(file.path)).toMatchObject({
    thinking: true,
    switches: ['enable_thinking'],
    calls: { kind: 'marks', callOpen: ['<call>'], arguments: { kind: 'json' } },
  });
});

test('describes a template that does not parse', async () => {
  await using file = await openFile('{% for m in messages %}{{ m.content }');
  expect(await describeChat(file.path)).toMatchObject({
    template: false,
    fault: expect.stringMatching(/^the chat template does not parse \(/) as string,
    sample: 'User: Hello\n\nAssistant:',
  });
});

test('describes a file without a template', async () => {
  await using file = await openFile(null);
  expect(await describeChat(file.path)).toMatchObject({ template: false, fault: null, thinking: false });
});

test('refuses a file that is no GGUF file', async () => {
  await expect(describeChat(import.meta.filename)).rejects.toMatchObject({ code: 'model-load-failed' });
});
