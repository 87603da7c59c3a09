import { existsSync, readdirSync, readFileSync } from 'node:fs';

import type { Message } from '@headway/protocol';
import { describe, expect, it } from 'vitest';

import { ChatTemplate } from '../prompt/template/chat-template.ts';
import { ExactArguments } from '../prompt/template/exact-arguments.ts';
import { templateAbilities } from '../prompt/template/template-abilities.ts';
import { templateMessages, templateTools } from '../prompt/template/template-messages.ts';
import { thoughtAtEnd } from '../prompt/template/thought-marks.ts';
import { AnswerReader } from './read/answer-reader.ts';
import type { CallForm } from './form/call-form.ts';
import { deriveCallForm } from './derive/derive-call-form.ts';
import { commonStart } from './form/mark-tokens.ts';
import { writeCalls } from './write-calls.fixture.ts';
import { cut, plainJson, readAnswer, sortedJson, withoutEndMarks } from './round-trip.fixture.ts';

// Chat templates as the models' authors published them; they are not part of the project.
const published = new URL('../../../../../../../shared/templates/', import.meta.url);

/** Templates without tools, and one whose arguments are nested elements. */
const formless = ['MiniMax-M3', 'HuggingFaceTB-SmolLM3-3B', 'google-gemma-2-2b-it', 'microsoft-Phi-3.5-mini-instruct'];
/** Cuts the text of earlier answers, and drops calls without text. */
const losing = 'deepseek-ai-DeepSeek-R1-Distill-Llama-8B';

/** Templates that describe how calls are written, and do not render them. */
const hiding = ['LFM2-8B-A1B', 'LFM2.5-Instruct', 'ibm-granite-granite-3.3-2B-Instruct'];

const schema = {
  type: 'object',
  properties: {
    text: { type: 'string', description: 'A text' },
    ...Object.fromEntries(
      ['big', 'price', 'far', 'less'].map((name) => [name, { type: 'number', description: 'A number' }]),
    ),
    nested: { type: 'object', description: 'An object' },
    list: { type: 'array', description: 'A list' },
    flag: { type: 'boolean', description: 'Yes or no' },
    empty: { type: 'object', description: 'An object' },
  },
  required: ['text'],
};
const tools = templateTools(
  ['get_weather', 'send-mail'].map((name) => ({ name, description: 'A tool', parameters: schema, strict: false })),
);
const user: Message = { role: 'user', content: 'Hello' };
const said = 'Said so: a < b, {"x": [1]} and <b>.';
const thought = 'Thought so:\n{a} < "b"';

/** Arguments that are hard to write, as JSON text; one string contains `marks`. */
function hostile(marks: string): string {
  const text = JSON.stringify(`"quoted" 'single' ${marks} {"name": [1}, ]</x> \\u0041 \\ é 🦀\n  end`);
  return `{"text": ${text.slice(0, -1)}\\u0041\\ud83e\\udd80", "big": 9007199254740993, "price": 10.00, "far": 1e999, "less": -0.5, "nested": {"z": [1, {"y": {}}], "a": [], "b": null, "10": "\\u00e9"}, "list": [[], {}, "x", 2.50], "flag": true, "empty": {}}`;
}

/** The marks of a form that its strings may contain. */
function marksOf({
  sectionOpen,
  sectionClose,
  callOpen,
  name,
  callClose,
  thought: tags,
  arguments: args,
}: CallForm): string {
  const own = args.kind === 'tagged' ? [args.keyOpen, args.valueOpen] : [];
  const after = name.kind === 'plain' ? name.after : [...name.before, ...name.after];
  const marks = [sectionOpen, sectionClose, ...callOpen, ...after, callClose, tags?.open, tags?.close, ...own];
  return marks
    .filter((mark) => typeof mark === 'string')
    .join(' ')
    .replaceAll(/\s+/gu, ' ');
}

function open(name: string) {
  const template = new ChatTemplate(readFileSync(new URL(`${name}.jinja`, published), 'utf8'), {
    bos: '<s>',
    eos: '</s>',
  });
  const abilities = templateAbilities(template);
  const form = deriveCallForm(({ messages, tools: declared = null, addGenerationPrompt }) =>
    template.render({
      messages: messages as unknown as Parameters<typeof template.render>[0]['messages'],
      tools: declared,
      kwargs: {},
      addGenerationPrompt,
    }),
  );
  const render = (messages: Message[], addGenerationPrompt: boolean): string => {
    const exact = new ExactArguments(() => JSON.stringify([messages, tools]));
    const input = { messages: templateMessages(messages, abilities, exact), tools, kwargs: {}, addGenerationPrompt };
    return exact.restore(template.render(input));
  };
  /** The text that a model would have written for this answer, and whether it starts in a thought. */
  const written = (answer: Omit<Extract<Message, { role: 'assistant' }>, 'role'>) => {
    const whole = render([user, { role: 'assistant', ...answer }], false);
    const prompt = render([user], true);
    const marks = form?.thought ?? null;
    const before = commonStart(prompt, whole);
    const text = withoutEndMarks(whole.slice(before.length));
    // Some prompts begin a thought with words that are not in the rendered history.
    const thinks =
      thoughtAtEnd(before, marks) === 'opened' ||
      (text.startsWith(thought) && thoughtAtEnd(prompt, marks) === 'opened');
    return { text, startsInThought: thinks };
  };
  return { form, written };
}

function readPieces(form: CallForm, startsInThought: boolean, pieces: readonly string[]) {
  const toolNames = ['get_weather', 'send-mail'];
  return readAnswer(new AnswerReader({ form, toolNames, startsInThought, schemaOf: () => schema }), pieces);
}

describe.runIf(existsSync(published))('published templates', () => {
  const names = existsSync(published)
    ? readdirSync(published).flatMap((name) => (name.endsWith('.jinja') ? [name.slice(0, -6)] : []))
    : [];
  const opened = new Map<string, ReturnType<typeof open>>();
  const opening = (name: string) => {
    const known = opened.get(name) ?? open(name);
    opened.set(name, known);
    return known;
  };
  const showing = names.filter((name) => ![...formless, ...hiding, losing].includes(name));

  it('at least 30 templates show calls', () => {
    expect(showing.length).toBeGreaterThanOrEqual(30);
  });

  it.each(names)('%s has a call form if it has tools', (name) => {
    expect(opening(name).form === null).toBe(formless.includes(name));
  });

  it.each(showing)('%s: calls and thoughts read back from pieces of any length', (name) => {
    const { form, written } = opening(name);
    if (form === null) throw new Error('no form');
    const calls = [
      { id: 'aaaaaaaa1', name: 'get_weather', arguments: hostile(marksOf(form)) },
      { id: 'bbbbbbbb2', name: 'send-mail', arguments: '{"text": "x"}' },
    ].slice(0, form.parallel ? 2 : 1);
    const bare = [{ id: 'cccccccc3', name: 'send-mail', arguments: '{}' }];
    const answers = [
      { content: said },
      { content: said, reasoning: thought },
      { content: '', toolCalls: calls },
      { content: '', toolCalls: bare },
      { content: said, toolCalls: calls.slice(0, 1) },
      { content: '', reasoning: thought, toolCalls: calls },
      { content: said, reasoning: thought, toolCalls: calls },
    ];
    const json = form.arguments.kind === 'bare-keys' ? sortedJson : plainJson;
    const isHarmony = form.kind === 'channels';
    for (const answer of answers) {
      // Harmony's template refuses a thought and a text before the same call.
      if (answer.toolCalls && answer.content !== '' && isHarmony && 'reasoning' in answer) continue;
      const { startsInThought, text } = written(answer);
      const shown = { said: text.includes(said), thought: text.includes(thought) };
      expect(shown.said || answer.toolCalls !== undefined).toBe(true);
      const wanted = JSON.stringify({
        // Harmony shows a text before a call as a thought.
        content: shown.said && !(isHarmony && answer.toolCalls) ? said : '',
        reasoning: shown.thought ? thought : shown.said && isHarmony && answer.toolCalls ? said : '',
        calls: (answer.toolCalls ?? []).map((call) => ({ name: call.name, text: json(call.arguments), whole: true })),
      });
      const faults: string[] = [];
      for (let seed = 0; seed < 20; seed++) {
        const { content, reasoning, calls: read } = readPieces(form, startsInThought, cut(text, seed));
        const got = JSON.stringify({
          content: content.trimStart(),
          reasoning,
          calls: read.map((call) => ({ ...call, text: call.whole ? json(call.text) : call.text })),
        });
        if (got !== wanted) faults.push(`${text}\nwith seed ${seed} gives ${got} instead of ${wanted}`);
        const changed = read.find((call) => form.arguments.kind === 'json' && !text.includes(call.text));
        if (changed !== undefined) faults.push(`${text}\nwith seed ${seed} does not contain ${changed.text}`);
      }
      expect(faults.slice(0, 1)).toEqual([]);
    }
  });

  it.each(hiding)('%s: calls written into the content read back', (name) => {
    const { form, written } = opening(name);
    if (form === null) throw new Error('no form');
    const calls = [
      { id: 'aaaaaaaa1', name: 'get_weather', arguments: hostile(marksOf(form)) },
      { id: 'bbbbbbbb2', name: 'send-mail', arguments: '{}' },
    ];
    const { text, startsInThought } = written({ content: writeCalls(form, calls) });
    for (let seed = 0; seed < 20; seed++) {
      const read = readPieces(form, startsInThought, cut(text, seed));
      expect(read.content).toBe('');
      expect(read.calls.map((call) => [call.name, plainJson(call.text)])).toEqual(
        calls.map((call) => [call.name, plainJson(call.arguments)]),
      );
    }
  });

  it.each(showing)('%s: a long argument reads back', (name) => {
    const { form, written } = opening(name);
    if (form === null) throw new Error('no form');
    const args = JSON.stringify({ text: `${'long <tool> "x" \n'.repeat(6_000)}.` });
    const { startsInThought, text } = written({
      content: '',
      toolCalls: [{ id: 'aaaaaaaa1', name: 'get_weather', arguments: args }],
    });
    for (const seed of [1, 3, 4]) {
      const { calls } = readPieces(form, startsInThought, cut(text, seed));
      expect(calls.map((call) => JSON.stringify(JSON.parse(call.text)) === args && call.whole)).toEqual([true]);
    }
  });
});
