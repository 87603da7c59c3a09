// Shows several answers side by side while they are written: a line for each and one for all. README.md lists the options.
import { parseArgs } from 'node:util';

import { createClient, type AnswerSummary, type SummaryEvent } from '@headway/client';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    prompt: { type: 'string', default: 'Tell me a story.' },
    answers: { type: 'string', default: '4' },
    tokens: { type: 'string', default: '200' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('parallel-answers [url] [--prompt <text>] [--answers <1 to 8>] [--tokens <most in each>]; see README.md');
  process.exit();
}
const [url = process.env.HEADWAY_URL ?? 'http://127.0.0.1:4477'] = positionals;
const client = createClient({ url, connectAttempts: 3 });

const texts: string[] = [];
const errors: string[] = [];
let drawn = 0;
const request = {
  messages: [{ role: 'user' as const, content: values.prompt }],
  choices: Number(values.answers),
  maxTokens: Number(values.tokens),
};
for await (const event of client.generate(request, { summary: true })) {
  switch (event.type) {
    case 'summary':
      draw(event);
      break;
    case 'token':
      texts[event.index] = (texts[event.index] ?? '') + event.text;
      break;
    case 'error':
      errors.push(`${event.code}: ${event.message}`);
      break;
    case 'prefill':
    case 'span':
    case 'done':
      break;
    default:
      event satisfies never;
  }
}
await client.close();
if (errors.length > 0) process.exitCode = 1;
for (const error of errors) console.error(error);
for (const [index, text] of texts.entries()) console.log(`\nanswer ${index + 1}: ${JSON.stringify(text ?? '')}`);

/** Draws over the lines of the summary before; where there is no terminal, prints the line for all. */
function draw({ answers, tokensPerSecond }: SummaryEvent): void {
  // A refusal has no progress: its message is the one line to show.
  if (answers.every(({ state, completionTokens }) => state === 'error' && completionTokens === 0)) return;
  const written = answers.reduce((sum, { completionTokens }) => sum + completionTokens, 0);
  const all = `all  ${written} tokens${speed(tokensPerSecond)}`;
  if (!process.stdout.isTTY) return console.log(all);
  const lines = [...answers.map(lineOf), all];
  const up = drawn === 0 ? '' : `\u001b[${drawn}A`;
  process.stdout.write(up + lines.map((line) => `\u001b[2K${line}\n`).join(''));
  drawn = lines.length;
}

function lineOf({ index, state, outcome, completionTokens, maxTokens, tokensPerSecond }: AnswerSummary): string {
  const width = 24;
  const full = Math.round((width * completionTokens) / (maxTokens ?? Number.POSITIVE_INFINITY));
  const bar = '█'.repeat(full) + '·'.repeat(width - full);
  return `${index + 1}  ${bar}  ${completionTokens} of ${maxTokens ?? '?'} tokens${speed(tokensPerSecond)}  ${outcome ?? state}`;
}

function speed(tokensPerSecond: number | null): string {
  return tokensPerSecond === null ? '' : `, ${tokensPerSecond.toFixed(1)} tokens/s`;
}
