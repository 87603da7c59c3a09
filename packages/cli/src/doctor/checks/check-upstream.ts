import { createEngine, remote, type Engine, type UpstreamOptions } from '@headway/engine';
import {
  isHeadwayError,
  type GenerateInput,
  type GenerationEvent,
  type GenerationResult,
  type ModelInfo,
} from '@headway/protocol';

import { count } from '../../terminal/count.ts';
import { failure, ok, warning, type Finding, type Section } from '../finding.ts';

export interface CheckUpstreamOptions {
  upstream: UpstreamOptions;
  /** The longest wait for one answer. */
  timeoutMs: number;
  signal: AbortSignal;
  /** Called before each trial. */
  onTrial: (what: string) => void;
}

export interface UpstreamFacts {
  url: string;
  dialect: string | null;
  model: string | null;
  contextSize: number | null;
  slots: number | null;
  progress: 'reported' | 'estimated' | null;
  /** What was tried: whether it worked. */
  trials: Record<string, boolean>;
  lacks: string[];
}

/** Words of the prompt by which progress is tried: long enough for several reports. A small context gets fewer. */
const mostWords = 2000;

/** Asks a server as `headway serve --upstream` would, and says what it is, what progress it gives and what it lacks. */
export async function checkUpstream(options: CheckUpstreamOptions): Promise<Section<UpstreamFacts>> {
  const { url, model } = options.upstream;
  const facts: UpstreamFacts = {
    url,
    dialect: null,
    model: model ?? null,
    contextSize: null,
    slots: null,
    progress: null,
    trials: {},
    lacks: [],
  };
  const section: Section<UpstreamFacts> = { id: 'upstream', title: `Upstream ${url}`, findings: [], facts };
  options.onTrial('what kind of server it is');
  let engine: Engine;
  try {
    engine = await createEngine({ backend: remote({ upstreams: [options.upstream] }) });
  } catch (thrown) {
    section.findings.push(failure(reasonOf(thrown), 'check the address, the key and the server there'));
    return section;
  }
  try {
    const [info] = await engine.models();
    if (info) section.findings.push(...describe(info, facts));
    if (facts.dialect !== null) section.findings.push(...(await tryAll(engine, options, facts)));
  } finally {
    await engine.close();
  }
  return section;
}

function describe({ remote: found, contextSize, slots }: ModelInfo, facts: UpstreamFacts): Finding[] {
  const [upstream] = found?.upstreams ?? [];
  if (!found || !upstream || upstream.dialect === 'unknown') {
    return [failure(upstream?.error ?? 'does not answer', 'start the server, or check the address')];
  }
  facts.dialect = upstream.dialect;
  facts.contextSize = contextSize;
  facts.slots = slots;
  facts.progress = found.progress;
  facts.lacks = found.lacks;
  const context = contextSize === null ? 'a context it does not tell' : `a context of ${count(contextSize, 'token')}`;
  return [ok(`${upstream.dialect}, with ${context}; gets ${count(slots, 'request')} at once`)];
}

/** One feature, how it is asked for, and what a good answer has. */
interface Trial {
  name: string;
  input: GenerateInput;
  works: (result: GenerationResult) => boolean;
  /** What a user loses without it. */
  without: string;
}

const ask = (content: string, rest: Partial<GenerateInput> = {}): GenerateInput => ({
  messages: [{ role: 'user', content }],
  temperature: 0,
  maxTokens: 24,
  ...rest,
});

const trials: readonly Trial[] = [
  {
    name: 'JSON schema',
    input: ask('Is the sky blue? Answer in JSON.', {
      maxTokens: 64,
      responseFormat: {
        type: 'json',
        schema: { type: 'object', properties: { blue: { type: 'boolean' } }, required: ['blue'] },
      },
    }),
    works: ({ text }) => typeof jsonOf(text)?.['blue'] === 'boolean',
    without: 'answers need not fit a schema',
  },
  {
    name: 'tools',
    input: ask('Call the tool.', {
      maxTokens: 128,
      tools: [{ name: 'ping', description: 'Says that all is well', parameters: { type: 'object', properties: {} } }],
      toolChoice: 'required',
    }),
    works: ({ toolCalls }) => toolCalls.length > 0,
    without: 'the model called no tool, even though it had to',
  },
  {
    name: 'log-probabilities',
    input: ask('Say one word.', { maxTokens: 4, logprobs: 1 }),
    works: ({ logprobs = [] }) => logprobs.length > 0,
    without: 'logprobs stay empty',
  },
  {
    name: 'several choices',
    input: ask('Say one word.', { maxTokens: 4, choices: 2 }),
    works: ({ choices }) => choices.length === 2,
    without: 'choices above 1 fail',
  },
  {
    name: 'raw prompts',
    input: { prompt: 'Once upon a time', temperature: 0, maxTokens: 4 },
    works: ({ usage }) => usage.completionTokens > 0,
    without: 'only conversations work',
  },
];

async function tryAll(engine: Engine, options: CheckUpstreamOptions, facts: UpstreamFacts): Promise<Finding[]> {
  const findings = await tryProgress(engine, options, facts);
  if (findings.some(({ state }) => state === 'failure')) return findings;
  const working: string[] = [];
  for (const { name, input, works, without } of trials) {
    options.onTrial(name);
    const outcome = await run(engine, input, options);
    const worked = typeof outcome !== 'string' && works(outcome.result);
    facts.trials[name] = worked;
    if (worked) working.push(name);
    else findings.push(warning(`${name}: ${typeof outcome === 'string' ? outcome : without}`));
  }
  if (working.length > 0) findings.push(ok(`tried and found good: ${working.join(', ')}`));
  if (facts.lacks.length > 0) {
    findings.push(
      warning(
        `has no ${facts.lacks.join(', ')}`,
        `requests that need one of them are refused by its name${facts.lacks.includes('cachePrompt') ? '; cachePrompt is ignored' : ''}`,
      ),
    );
  }
  return findings;
}

/** Sends a long prompt twice: what is told while it is read, and what of the first one is reused. */
async function tryProgress(engine: Engine, options: CheckUpstreamOptions, facts: UpstreamFacts): Promise<Finding[]> {
  options.onTrial('a long prompt');
  const promptWords = Math.min(mostWords, Math.floor((facts.contextSize ?? Number.POSITIVE_INFINITY) / 4));
  // A number of its own in front, so that no earlier prompt is reused.
  const input = ask(`${Date.now()} ${'The quick brown fox jumps over the lazy dog. '.repeat(promptWords / 9)}`, {
    maxTokens: 8,
  });
  const first = await run(engine, input, options);
  if (typeof first === 'string') return [failure(`a prompt of ${count(promptWords, 'word')} fails: ${first}`)];
  const again = await run(engine, input, options);
  const reports = first.events.filter((event) => event.type === 'prefill' && event.phase === 'prefill');
  const { promptTokens } = first.result.usage;
  const read = `${count(reports.length, 'report')} while it read ${count(promptTokens, 'token')}`;
  const progress =
    facts.progress === 'reported'
      ? ok(`tells its progress: ${read}`)
      : warning(`tells no progress; Headway estimates it from past prompts: ${read}`);
  const cached = typeof again === 'string' ? 0 : again.result.usage.cachedTokens;
  facts.trials['cached tokens'] = cached > 0;
  return [
    progress,
    cached > 0
      ? ok(`tells what it reuses: ${count(cached, 'token')} of the same prompt again`)
      : warning('told no cached tokens for the same prompt again: it caches none, or does not say'),
  ];
}

interface Ran {
  events: GenerationEvent[];
  result: GenerationResult;
}

/** The events and the result; in words, why there is none. */
async function run(
  engine: Engine,
  input: GenerateInput,
  { timeoutMs, signal }: CheckUpstreamOptions,
): Promise<Ran | string> {
  const late = AbortSignal.timeout(timeoutMs);
  const generation = engine.generate(input, { signal: AbortSignal.any([signal, late]) });
  const events: GenerationEvent[] = [];
  try {
    for await (const event of generation) events.push(event);
    const result = await generation.result();
    signal.throwIfAborted();
    return late.aborted ? `no answer within ${timeoutMs / 1000} s` : { events, result };
  } catch (thrown) {
    signal.throwIfAborted();
    return reasonOf(thrown);
  }
}

function reasonOf(thrown: unknown): string {
  return isHeadwayError(thrown) || thrown instanceof Error ? thrown.message : String(thrown);
}

function jsonOf(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown> | null;
  } catch {
    return null;
  }
}
