import { HeadwayError, type GenerateRequest, type RemoteModel } from '@headway/protocol';

import type { Backend, LoadedModel } from '../../backend/backend.ts';
import { systemClock, type Clock } from '../../timing/clock.ts';
import { prefixBlocks } from './estimate/prefix-blocks.ts';
import { countCharacters } from './estimate/token-guess.ts';
import { UpstreamPool } from './pool/upstream-pool.ts';
import { textOf, type RemotePrompt } from './remote-prompt.ts';
import { RemoteSlot } from './remote-slot.ts';
import { lackingFields } from './request/request-fields.ts';
import { UpstreamFailure } from './http/upstream-error.ts';
import { Upstream, type UpstreamOptions } from './upstream.ts';

export interface RemoteOptions {
  /** The id by which requests choose the model. @default the upstream's own id, where `model` gives it, else 'remote' */
  modelId?: string;
  /** The servers that run the model; several make a pool. */
  upstreams: readonly [UpstreamOptions, ...UpstreamOptions[]];
  /** Tokens of prompt and answer together. @default as the upstream says */
  contextSize?: number;
  /**
   * Silence in a stream after which its upstream is checked, in ms; one that does not answer then has failed.
   * @default 15_000
   */
  silenceMs?: number;
  /** @default the system clock */
  clock?: Clock;
}

/** A remote model, with what its operator may do to its upstreams while it serves. */
export interface RemoteBackend extends Backend {
  /**
   * Gives no more requests to an upstream until it is resumed; those that it has run to their end. Resolves when the last
   * one has ended, and the server may be stopped.
   *
   * @throws HeadwayError `invalid-request` for a name that no upstream has; `conflict` while the model is not loaded, and
   * when the upstream is resumed before
   */
  drain(name: string): Promise<void>;
  /** Gives requests to a drained upstream again. @throws HeadwayError `invalid-request` and `conflict` as `drain` */
  resume(name: string): void;
}

/** Longest time for the first answer of an upstream, in ms. */
const connectMs = 10_000;
/** The most slots of a model; more requests than these wait in the queue. */
const mostSlots = 256;

/**
 * A backend for models that other servers run: vLLM, llama-server, Ollama and others with OpenAI's API. Requests have
 * the same events there as with a local model; where a server does not tell its progress, that is estimated.
 *
 * @throws HeadwayError `invalid-request` for an address that is none
 */
export function remote({
  upstreams: options,
  modelId = options[0].model ?? 'remote',
  contextSize,
  silenceMs = 15_000,
  clock = systemClock,
}: RemoteOptions): RemoteBackend {
  const [first, ...others] = options.map(
    (one, at) => new Upstream({ ...one, name: one.name ?? `upstream ${at + 1}` }, clock),
  );
  if (!first) throw new HeadwayError('invalid-request', 'upstreams: a remote model needs at least one');
  const upstreams = [first, ...others] as const;
  let pool: UpstreamPool<Upstream> | null = null;
  const opened = () => {
    if (pool) return pool;
    throw new HeadwayError('conflict', `${modelId} is not loaded yet, so it has no upstreams in use; wait until it is`);
  };
  return {
    name: 'remote',
    modelId,
    async load({ signal, ...asked }): Promise<LoadedModel> {
      const troubles = await connectAll(upstreams, clock, signal);
      const fatal = troubles.every((trouble) => trouble !== null && !trouble.retryable) ? troubles[0] : null;
      if (fatal) {
        await Promise.all(upstreams.map((upstream) => upstream.close()));
        throw new HeadwayError('model-load-failed', fatal.message, { cause: fatal });
      }
      const model = openRemoteModel({ upstreams, contextSize: contextSize ?? asked.contextSize, silenceMs, clock });
      pool = model.pool;
      return model.loaded;
    },
    drain: async (name) => opened().drain(name),
    resume: (name) => opened().resume(name),
  };
}

/** Asks each upstream what it is. Returns why each one did not answer; null where it did. */
async function connectAll(
  upstreams: readonly Upstream[],
  clock: Clock,
  signal: AbortSignal,
): Promise<(HeadwayError | null)[]> {
  const late = new AbortController();
  const message = 'the upstream did not answer in 10 s';
  const cancel = clock.after(connectMs, () => late.abort(new HeadwayError('upstream-failed', message)));
  try {
    return await Promise.all(
      upstreams.map((upstream) =>
        upstream.connect(AbortSignal.any([signal, late.signal])).then(
          () => null,
          (thrown: unknown) => {
            signal.throwIfAborted();
            return thrown instanceof HeadwayError ? thrown : new HeadwayError('upstream-failed', String(thrown));
          },
        ),
      ),
    );
  } finally {
    cancel();
  }
}

interface RemoteModelOptions {
  upstreams: readonly [Upstream, ...Upstream[]];
  contextSize: number | null;
  silenceMs: number;
  clock: Clock;
}

interface RemoteModelParts {
  loaded: LoadedModel;
  pool: UpstreamPool<Upstream>;
}

function openRemoteModel({ upstreams, contextSize, silenceMs, clock }: RemoteModelOptions): RemoteModelParts {
  let onCapacity: () => void = () => undefined;
  const pool = new UpstreamPool<Upstream>(upstreams, { clock, onCapacity: () => onCapacity() });
  // An upstream that does not answer yet may turn out to take more requests than is usual.
  const places = upstreams.reduce((all, { concurrency, facts }) => all + (facts ? concurrency : 16), 0);
  const slots = Array.from({ length: Math.min(mostSlots, places) }, () => new RemoteSlot({ pool, clock, silenceMs }));
  const up = () => upstreams.find(({ answers }) => answers) ?? upstreams[0];
  const tokenizer = <Name extends 'tokenize' | 'detokenize' | 'applyTemplate'>(name: Name) => {
    const upstream = up();
    const ask = upstream.dialect?.tokenizer?.[name];
    if (ask) return { ask, context: upstream.context };
    throw new HeadwayError(
      'invalid-request',
      `model: ${upstream.dialect?.name ?? 'the upstream'}, which runs it, does not tell ${name === 'applyTemplate' ? 'its chat template' : 'its tokens'}`,
    );
  };
  const loaded: LoadedModel = {
    get contextSize() {
      const told = upstreams.flatMap(({ facts }) => facts?.contextSize ?? []);
      return contextSize ?? (told.length > 0 ? Math.min(...told) : null);
    },
    maxChunk: 1,
    parameters: null,
    sizeBytes: null,
    threads: null,
    device: null,
    measuredChunks: [],
    readsByItself: true,
    slots,
    capacity: () => pool.capacity,
    refusal: () => pool.refusal,
    onCapacity: (changed) => {
      onCapacity = changed;
    },
    get remote() {
      return describeRemote(upstreams, pool);
    },
    outlook(prompt) {
      const { reading } = up();
      const begun = reading.begin({ tokens: prompt.total, nowMs: clock.now() });
      const { cached, etaMs } = begun.at(clock.now());
      begun.end(clock.now());
      return { cached, prefillMs: etaMs };
    },
    async prepare(request, { owner, signal }): Promise<RemotePrompt> {
      const text = textOf(request);
      const characterCounts = countCharacters(text);
      const upstream = up();
      const counted = await countTokens(request, { upstream, clock, signal });
      const total = counted ?? upstream.tokens.tokensOf(characterCounts);
      return {
        request,
        total,
        prefillEnd: total,
        guessed: counted === null,
        owner,
        blocks: request.cachePrompt ? prefixBlocks(text, owner) : [],
        characters: text.length,
        characterCounts,
        streams: null,
      };
    },
    async applyTemplate(request, { signal = never } = {}) {
      if (request.prompt !== undefined) return request.prompt;
      const { ask, context } = tokenizer('applyTemplate');
      return told(ask(request, context, signal));
    },
    async tokenize(text, { special, beginning, signal = never }) {
      const { ask, context } = tokenizer('tokenize');
      return told(ask(text, { special, beginning }, context, signal));
    },
    async detokenize(tokens) {
      const { ask, context } = tokenizer('detokenize');
      return told(ask(tokens, context, never));
    },
    async dispose() {
      pool.close();
      await Promise.all(upstreams.map((upstream) => upstream.close()));
    },
  };
  return { loaded, pool };
}

const never = new AbortController().signal;

/** Longest time for counting a prompt's tokens, in ms; then they are guessed. */
const countMs = 2_000;

interface CountOptions {
  upstream: Upstream;
  clock: Clock;
  signal: AbortSignal;
}

/** Prompt tokens as the upstream counts them; null where it has no such endpoint, fails, or takes too long. */
async function countTokens(
  request: GenerateRequest,
  { upstream, clock, signal }: CountOptions,
): Promise<number | null> {
  const { dialect, context } = upstream;
  if (!dialect?.countTokens) return null;
  const late = new AbortController();
  const cancel = clock.after(countMs, () => late.abort());
  try {
    const count = await dialect.countTokens(request, context, AbortSignal.any([signal, late.signal]));
    return Number.isInteger(count) && count > 0 ? count : null;
  } catch (thrown) {
    signal.throwIfAborted();
    // Whatever is wrong with the request, the request itself tells it.
    if (late.signal.aborted || thrown instanceof UpstreamFailure || thrown instanceof TypeError) return null;
    throw thrown;
  } finally {
    cancel();
  }
}

async function told<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (thrown) {
    throw thrown instanceof UpstreamFailure ? thrown.error : thrown;
  }
}

function describeRemote(upstreams: readonly [Upstream, ...Upstream[]], pool: UpstreamPool<Upstream>): RemoteModel {
  const states = pool.status();
  const known = upstreams.flatMap(({ dialect }) => dialect ?? []);
  return {
    upstreams: upstreams.map(({ name, dialect }, at) => {
      const { state = 'down', running = 0, outstandingTokens = 0, lastError = null } = states[at] ?? {};
      return {
        name,
        dialect: dialect?.name ?? 'unknown',
        state,
        running,
        outstandingTokens,
        ...(lastError !== null && { error: lastError }),
      };
    }),
    progress: known.length > 0 && known.every(({ reportsProgress }) => reportsProgress) ? 'reported' : 'estimated',
    lacks: [...new Set(known.flatMap((dialect) => lackingFields(dialect.fields)))],
  };
}
