import { deferred, fieldError, HeadwayError, isHeadwayError, type GenerateRequest } from '@headway/protocol';

import type { Backend, LoadedModel, PromptOutlook } from '../../backend/backend.ts';
import { systemClock, type Clock } from '../../timing/clock.ts';
import { prefixBlocks } from './estimate/prefix-blocks.ts';
import { spanShares } from './estimate/span-shares.ts';
import { countCharacters } from './estimate/token-guess.ts';
import { describeRemote } from './describe-remote.ts';
import { UpstreamPool } from './pool/upstream-pool.ts';
import { textOf, type RemotePrompt } from './remote-prompt.ts';
import { RemoteSlot } from './remote-slot.ts';
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
  modelId: givenId,
  contextSize,
  silenceMs = 15_000,
  clock = systemClock,
}: RemoteOptions): RemoteBackend {
  const modelId = givenId ?? options[0].model ?? 'remote';
  const [first, ...others] = options.map(
    (one, at) => new Upstream({ ...one, name: one.name ?? `upstream ${at + 1}`, modelId: givenId }, clock),
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
      try {
        await connectAny(upstreams, clock, signal);
      } catch (thrown) {
        await Promise.all(upstreams.map((upstream) => upstream.close()));
        throw thrown;
      }
      const model = openRemoteModel({ upstreams, contextSize: contextSize ?? asked.contextSize, silenceMs, clock });
      pool = model.pool;
      return model.loaded;
    },
    drain: async (name) => opened().drain(name),
    resume: (name) => opened().resume(name),
  };
}

/** How long those that are slow to answer may hold back the start after the first one has, in ms. */
const laggardMs = 1000;

/**
 * Asks each upstream what it is. Resolves when all have answered, or a second after the first has, or once none of them
 * will: the pool goes on asking the others.
 *
 * @throws HeadwayError `model-load-failed` when each of them says that it never will, as for a wrong key; the signal's
 * reason when it aborts
 */
async function connectAny(upstreams: readonly Upstream[], clock: Clock, signal: AbortSignal): Promise<void> {
  const late = new AbortController();
  const cancel = clock.after(connectMs, () => late.abort());
  try {
    const connecting = upstreams.map((upstream) => upstream.connect(AbortSignal.any([signal, late.signal])));
    await Promise.any(connecting);
    const lagging = deferred();
    const stop = clock.after(laggardMs, lagging.resolve);
    await Promise.race([Promise.allSettled(connecting), lagging.promise]);
    stop();
  } catch (thrown) {
    signal.throwIfAborted();
    const troubles: unknown[] = thrown instanceof AggregateError ? thrown.errors : [];
    const hopeless = troubles.every((trouble) => isHeadwayError(trouble) && !trouble.retryable);
    const [first] = troubles;
    if (hopeless && isHeadwayError(first)) throw new HeadwayError('model-load-failed', first.message, { cause: first });
  } finally {
    cancel();
    late.abort();
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
  /** One that answers, to be asked about texts and tokens. */
  const up = () => {
    const states = pool.status();
    const answers = upstreams.filter(({ facts }) => facts !== null);
    return answers.find((one) => states[upstreams.indexOf(one)]?.state === 'up') ?? answers[0] ?? upstreams[0];
  };
  /** Whether a prompt is sent at once, to a server that then tells its tokens: counting them first would hold it back. */
  const tellsSoon = ({ dialect, facts }: Upstream, guess: number) => {
    const running = pool.status().reduce((sum, one) => sum + one.running, 0);
    const fits = guess < surelyFits * (facts?.contextSize ?? Number.POSITIVE_INFINITY);
    return dialect?.reportsProgress === true && fits && running < pool.capacity;
  };
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
      const { outlook: told } = prompt as RemotePrompt;
      if (told) return told;
      const { reading } = up();
      const begun = reading.begin({ tokens: prompt.total, nowMs: clock.now() });
      const { cached, etaMs } = begun.at(clock.now());
      begun.end(clock.now());
      return { cached, prefillMs: etaMs };
    },
    async prepare(request, { owner, exact = false, signal }): Promise<RemotePrompt> {
      const most = Math.max(...upstreams.map(({ concurrency }) => concurrency));
      if (request.choices > most) throw tooManyChoices(request.choices, most);
      const text = textOf(request);
      const characterCounts = countCharacters(text);
      const upstream = up();
      const guess = upstream.tokens.tokensOf(characterCounts);
      const counted =
        exact || !tellsSoon(upstream, guess) ? await countTokens(request, { upstream, clock, signal }) : null;
      const total = counted?.tokens ?? guess;
      const shares = spanShares(request, total);
      return {
        request,
        total,
        prefillEnd: total,
        guessed: counted === null,
        owner,
        blocks: request.cachePrompt ? prefixBlocks(text, owner) : [],
        characters: text.length,
        characterCounts,
        shares,
        spans: shares,
        outlook: counted?.outlook ?? null,
        streams: null,
      };
    },
    async applyTemplate(request, { signal } = {}) {
      if (request.prompt !== undefined) return request.prompt;
      const { ask, context } = tokenizer('applyTemplate');
      return query((within) => ask(request, context, within), { clock, signal });
    },
    async tokenize(text, { special, beginning, signal }) {
      const { ask, context } = tokenizer('tokenize');
      return query((within) => ask(text, { special, beginning }, context, within), { clock, signal });
    },
    async detokenize(tokens) {
      const { ask, context } = tokenizer('detokenize');
      return query((within) => ask(tokens, context, within), { clock });
    },
    async dispose() {
      pool.close();
      await Promise.all(upstreams.map((upstream) => upstream.close()));
    },
  };
  return { loaded, pool };
}

function tooManyChoices(choices: number, most: number) {
  return fieldError({
    path: ['choices'],
    message: `${choices} are more than one of the servers that run this model takes at once; ask for at most ${most}`,
    expected: `at most ${most}`,
  });
}

/** Longest time for an answer about texts and tokens, in ms. */
const queryMs = 30_000;

/** A prompt that is guessed to take less than this share of the context needs no count to know that it fits. */
const surelyFits = 0.5;

/** Longest time that counting tokens may hold back a request, in ms; an upstream that loads its model takes longer. */
const countMs = 1000;

interface Counted {
  /** Prompt tokens. */
  tokens: number;
  outlook: PromptOutlook | null;
}

/** Prompt tokens as the upstream counts them; null where it has no such endpoint, or it fails, or is late. */
async function countTokens(
  request: GenerateRequest,
  { upstream, clock, signal }: { upstream: Upstream; clock: Clock; signal: AbortSignal },
): Promise<Counted | null> {
  const { dialect, context } = upstream;
  if (!dialect?.countTokens && !dialect?.estimate) return null;
  const late = new AbortController();
  const cancel = clock.after(countMs, () => late.abort());
  const within = AbortSignal.any([signal, late.signal]);
  try {
    const outlook = (await dialect.estimate?.(request, context, within)) ?? null;
    const tokens = outlook?.tokens ?? (await dialect.countTokens?.(request, context, within)) ?? 0;
    return Number.isInteger(tokens) && tokens > 0 ? { tokens, outlook } : null;
  } catch (thrown) {
    signal.throwIfAborted();
    // Whatever is wrong with the request, the request itself tells it.
    if (thrown instanceof UpstreamFailure || thrown instanceof TypeError || late.signal.aborted) return null;
    throw thrown;
  } finally {
    cancel();
  }
}

/** Asks about texts or tokens. @throws HeadwayError the upstream's failure; the signal's reason when it aborts */
async function query<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  { clock, signal }: { clock: Clock; signal?: AbortSignal | undefined },
): Promise<T> {
  const late = new AbortController();
  const cancel = clock.after(queryMs, () => late.abort());
  try {
    return await ask(AbortSignal.any([late.signal, ...(signal ? [signal] : [])]));
  } catch (thrown) {
    signal?.throwIfAborted();
    if (late.signal.aborted) {
      throw new HeadwayError('upstream-failed', `the upstream did not answer in ${queryMs / 1000} s; ask again`);
    }
    throw thrown instanceof UpstreamFailure ? thrown.error : thrown;
  } finally {
    cancel();
  }
}
