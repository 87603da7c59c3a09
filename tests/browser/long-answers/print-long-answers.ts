// How the demo keeps up with long answers: the real page, gateway and connection, and a model that writes as fast as told.
// npm run bench -- long-answers [--tokens 10000] [--rate 300] [--kinds prose,code,paragraph,list] [--json file]
import { writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';

import { isKind, longAnswer, type Kind } from './long-answer.ts';
import { measureAnswer, type Measured } from './measure-answer.ts';

const { values } = parseArgs({
  options: {
    tokens: { type: 'string', default: '10000' },
    /** Tokens per second. */
    rate: { type: 'string', default: '300' },
    kinds: { type: 'string', default: 'prose,code,paragraph,list' },
    json: { type: 'string' },
  },
});
const [tokens, rate] = [Number(values.tokens), Number(values.rate)];

const print = (line: string) => process.stdout.write(`${line}\n`);
const measured: Partial<Record<Kind, Measured>> = {};
print(`${tokens} tokens at ${rate} tokens/s, times in ms`);
print('| | median frame | 95 % | tasks over 50 | over 100 | longest | most processor time | load |');
print('|---|--:|--:|--:|--:|--:|--:|--:|');
for (const kind of values.kinds.split(',').filter(isKind)) {
  const one = await measureAnswer(longAnswer(kind, tokens), rate);
  const { medianFrame, frame95, tasksOver50, tasksOver100, longestTask, longestProcessorTime } = one;
  const load = (loadavg()[0] ?? 0).toFixed(1);
  const row = [kind, medianFrame, frame95, tasksOver50, tasksOver100, longestTask, longestProcessorTime, load];
  print(`| ${row.join(' | ')} |`);
  measured[kind] = one;
}
if (values.json) await writeFile(values.json, `${JSON.stringify({ tokens, rate, measured }, null, 2)}\n`);
