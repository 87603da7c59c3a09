import { existsSync, readdirSync, readFileSync } from 'node:fs';

import { Template } from '@huggingface/jinja';
import { describe, expect, it } from 'vitest';

import { AnswerReader, type AnswerPart } from './answer-reader.ts';
import { fallbackCallForm } from './call-form.ts';
import { deriveCallForm, type RenderTemplate } from './derive-call-form.ts';
import { harmonyForm } from './known-forms.ts';
import { commonStart } from './mark-tokens.ts';

// Templates as models' authors published them; they are no part of the project.
const published = new URL('../../../../../../../shared/templates/', import.meta.url);

/** Templates that show no calls, or none that can be learned. */
const formless = [
  'HuggingFaceTB-SmolLM3-3B',
  'MiniMax-M3',
  'google-gemma-2-2b-it',
  'ibm-granite-granite-3.3-2B-Instruct',
  'meetkai-functionary-medium-v3.2',
  'microsoft-Phi-3.5-mini-instruct',
  'muse-glimmer',
  'openbmb-MiniCPM5-1B',
];

const hostile = {
  text: `"quoted" 'single' <tool_call> </tool_call> {"name": [1}, ]</x> \\u0041 \\ é 🦀 ${'long '.repeat(20_000)}`,
  count: -7,
};
const tools = ['get_weather', 'send-mail'].map((name) => ({
  type: 'function',
  function: {
    name,
    description: 'A tool',
    parameters: {
      type: 'object',
      properties: {
        text: { type: 'string', description: 'A text' },
        count: { type: 'integer', description: 'A number' },
      },
      required: ['text'],
    },
  },
}));
const user = { role: 'user', content: 'Hello' };

function renderer(name: string): RenderTemplate {
  const template = new Template(readFileSync(new URL(`${name}.jinja`, published), 'utf8'));
  return (input) =>
    template.render({
      messages: input.messages,
      tools: input.tools ?? null,
      add_generation_prompt: input.addGenerationPrompt,
      bos_token: '<s>',
      eos_token: '</s>',
    });
}

/** What a model wrote, of which the template made this history. */
function written(render: RenderTemplate, message: object): string | null {
  for (const declared of [tools, undefined]) {
    try {
      const [base, prompt, whole] = [
        render({ messages: [user], tools: declared, addGenerationPrompt: false }),
        render({ messages: [user], tools: declared, addGenerationPrompt: true }),
        render({ messages: [user, { role: 'assistant', ...message }], tools: declared, addGenerationPrompt: false }),
      ];
      return whole.slice(Math.max(commonStart(prompt, whole).length, base.length));
    } catch {
      continue;
    }
  }
  return null;
}

function callsOf(parts: readonly AnswerPart[]) {
  const calls: { name: string; text: string; whole: boolean }[] = [];
  for (const part of parts) {
    if (part.channel !== 'tool-call' && part.channel !== 'tool-call-end') continue;
    const call = (calls[part.index] ??= { name: part.name, text: '', whole: false });
    if (part.channel === 'tool-call') call.text += part.text;
    else call.whole = true;
  }
  return calls;
}

describe.runIf(existsSync(published))('published templates', () => {
  const names = existsSync(published)
    ? readdirSync(published).flatMap((name) => (name.endsWith('.jinja') ? [name.slice(0, -6)] : []))
    : [];

  it.each(names)('%s reads its own calls back', (name) => {
    const render = renderer(name);
    const form = deriveCallForm(render);
    expect(form === null).toBe(formless.includes(name));
    if (form === null) return;
    expect(form === harmonyForm).toBe(name.startsWith('openai'));
    const calls = [
      { id: 'aaaaaaaa1', type: 'function', function: { name: 'get_weather', arguments: hostile } },
      { id: 'bbbbbbbb2', type: 'function', function: { name: 'send-mail', arguments: { text: 'x' } } },
    ].slice(0, form.parallel ? 2 : 1);
    const text =
      written(render, { content: '', tool_calls: calls }) ?? written(render, { content: null, tool_calls: calls });
    expect(text?.includes('get_weather') ?? false).toBe(!/Kimi-K2-|LFM|R1-Distill-Llama/.test(name));
    if (!text?.includes('get_weather')) return;
    const reader = new AnswerReader({
      form,
      toolNames: ['get_weather', 'send-mail'],
      startsInThought: false,
      schemaOf: () => tools[0]?.function.parameters,
    });
    const parts: AnswerPart[] = [];
    for (let at = 0; at < text.length;) {
      const length = 1 + ((at * 7919) % 23);
      parts.push(...reader.push(text.slice(at, at + length)));
      at += length;
    }
    parts.push(...reader.end());
    const read = callsOf(parts);
    expect(read.map(({ name: called, whole }) => ({ called, whole }))).toEqual(
      calls.map((call) => ({ called: call.function.name, whole: true })),
    );
    for (const [at, call] of calls.entries()) {
      expect(JSON.parse(read[at]?.text ?? '')).toEqual(call.function.arguments);
      expect(form.arguments.kind !== 'json' || text.includes(read[at]?.text ?? '')).toBe(true);
    }
  });

  // Apriel 1.6 has a heading for what is said and none for thoughts; Solar begins its turn anew after a thought.
  const others = [...formless, 'Apriel-1.6-15b-Thinker-fixed', 'upstage-Solar-Open-100B'];
  it.each(names.filter((name) => !others.includes(name)))('%s keeps what is said and thought apart', (name) => {
    const render = renderer(name);
    const text = written(render, { content: 'Said so.', reasoning_content: 'Thought so.' }) ?? '';
    const form = deriveCallForm(render);
    const startsInThought = form?.thought !== null && /^(?!<).*Thought so/u.test(text);
    const reader = new AnswerReader({ form: form ?? fallbackCallForm, toolNames: [], startsInThought });
    const parts = [...Array.from(text, (char) => reader.push(char)).flat(), ...reader.end()];
    const textOf = (channel: string) =>
      parts.map((part) => (part.channel === channel && 'text' in part ? part.text : '')).join('');
    expect(textOf('content').trimStart()).toMatch(/^Said so\./u);
    expect(textOf('reasoning')).toBe(text.includes('Thought so.') ? 'Thought so.' : '');
  });
});
