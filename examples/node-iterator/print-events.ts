// Prints each event of a generation as it arrives. README.md lists the options.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { storytellerPath } from '@headway/storyteller';
import { createClient, type GenerationEvent } from '@headway/client';
import { createEngine, llama } from '@headway/engine';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    local: { type: 'boolean', default: false },
    prompt: { type: 'string', default: 'What is prefill?' },
    file: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log('print-events [url] [--prompt <text>] [--file <path>] [--local]; see README.md');
  process.exit();
}
const [url = process.env.HEADWAY_URL ?? 'http://127.0.0.1:4477'] = positionals;

// A gateway's client and an engine in this process have the same generate().
const headway = values.local
  ? await createEngine({
      backend: llama({ model: storytellerPath }),
    })
  : createClient({ url, connectTimeoutMs: 3_000 });

const document = values.file === undefined ? '' : `${await readFile(values.file, 'utf8')}\n\n`;
const messages = [{ role: 'user' as const, content: document + values.prompt }];

for await (const event of headway.generate({ messages, maxTokens: 200 })) {
  console.log(describe(event));
  if (event.type === 'error') process.exitCode = 1;
}
await headway.close();

function describe(event: GenerationEvent): string {
  switch (event.type) {
    case 'prefill': {
      const { phase, queuePosition, processed, cached, total, tokensPerSecond, etaMs, loaded } = event;
      // The queue of a server behind the gateway tells no place.
      const place = queuePosition === null ? 'the upstream' : `place ${queuePosition}`;
      if (phase === 'queued') return `prefill  queued at ${place}, ${total} tokens to read`;
      if (phase === 'loading')
        return `prefill  loading the model${loaded === undefined ? '' : ` (${Math.floor(100 * loaded)} %)`}`;
      const rate = tokensPerSecond === null ? '' : `, ${Math.round(tokensPerSecond)} tokens/s`;
      const left = etaMs === null ? '' : `, ${(etaMs / 1000).toFixed(1)} s to go`;
      return `prefill  read ${processed} of ${total} tokens (${cached} cached)${rate}${left}`;
    }
    case 'span': {
      const { name, number, of, processed, cached, total } = event;
      return `span     ${name} (${number} of ${of}): read ${processed} of ${total} tokens (${cached} cached)`;
    }
    case 'token':
      return `token    ${JSON.stringify(event.text)} (${event.channel}, ${event.completionTokens} so far, ${Math.round(event.tokensPerSecond)} tokens/s)`;
    case 'done': {
      const { promptTokens, completionTokens } = event.usage;
      return `done     ${event.finishReason}: ${promptTokens} tokens read, ${completionTokens} written, the first after ${event.timings.timeToFirstTokenMs?.toFixed(0)} ms`;
    }
    case 'error':
      return `error    ${event.code}: ${event.message}${event.retryable ? ' (worth another try)' : ''}`;
    default:
      // A case that is missing above does not compile.
      return event satisfies never;
  }
}
