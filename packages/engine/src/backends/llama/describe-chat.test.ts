import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { describeChat } from './describe-chat.ts';
import { ggufFile } from './gguf-file.fixture.ts';

/** A file of a head alone, with this template. */
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

test('a template without tools or thoughts', async () => {
  await using file = await openFile(chatMl);
  expect(await describeChat(file.path)).toEqual({ template: true, format: 'ChatML', tools: 'prompt', thinking: false });
});

test('a template that is told of tools, and one that speaks of thoughts without a form that is known', async () => {
  await using tools = await openFile(`{% if tools %}{{ tools | tojson }}{% endif %}${chatMl}`);
  expect(await describeChat(tools.path)).toMatchObject({ template: true, tools: 'template' });
  await using thoughts = await openFile(`{% if enable_thinking %}{{ '<hmm>' }}{% endif %}${chatMl}`);
  expect(await describeChat(thoughts.path)).toMatchObject({ template: true, thinking: null });
});

test('no template', async () => {
  await using file = await openFile(null);
  expect(await describeChat(file.path)).toMatchObject({ template: false, tools: 'prompt', thinking: false });
});

test('no GGUF file', async () => {
  await expect(describeChat(import.meta.filename)).rejects.toMatchObject({ code: 'model-load-failed' });
});
