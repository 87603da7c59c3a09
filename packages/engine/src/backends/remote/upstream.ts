import { HeadwayError } from '@headway/protocol';

import type { Clock } from '../../timing/clock.ts';
import { chooseDialect } from './dialects/detect.ts';
import type { Dialect, DialectContext, DialectName, UpstreamFacts } from './dialects/dialect.ts';
import { PrefixMemory } from './estimate/prefix-memory.ts';
import { ReadingModel } from './estimate/reading-model.ts';
import { TokenGuess } from './estimate/token-guess.ts';
import type { PoolMember } from './pool/pool-member.ts';
import { probe } from './http/probe.ts';
import { failureOfAnswer, failureOfConnection, UpstreamFailure } from './http/upstream-error.ts';
import { UpstreamHttp, type Answer, type Ask } from './http/upstream-http.ts';

export interface UpstreamOptions {
  /** The address of its OpenAI API, such as `http://host:8000/v1`, without user, password and query. */
  url: string;
  /** Its name in logs and in the status, which clients may see. @default `upstream 1`, `upstream 2`, … */
  name?: string;
  /** The id of the model there. @default `modelId` if it lists that, else the only one, or the first one that it lists */
  model?: string;
  /** The kind of server. @default detected */
  type?: DialectName;
  /** Sent as `Authorization: Bearer …`. A function is asked for it at each request. @default none */
  key?: string | (() => string | null);
  /** Most requests that it works on at once, each choice counted. @default as many as it says, or as is usual there */
  concurrency?: number;
}

/** Requests at once for a server that does not say how many it takes. */
const usualConcurrency = 4;
/** Longest time for telling an upstream that nobody waits for an answer, in ms. */
const giveUpMs = 2000;
/** When that is told again, as the request had not arrived, in ms. */
const lateMs = 100;

/** One upstream server: its address and key, what it was found to be, and what was learnt of its speed. */
export class Upstream implements PoolMember {
  readonly name: string;
  readonly reading = new ReadingModel();
  readonly tokens = new TokenGuess();
  readonly prefixes = new PrefixMemory();
  readonly context: DialectContext;
  readonly #options: UpstreamOptions & { modelId?: string | undefined };
  readonly #http: UpstreamHttp;
  readonly #givingUp = new Set<Promise<void>>();
  #dialect: Dialect | null = null;
  #facts: UpstreamFacts | null = null;
  /** Whether it may have come back as another server since it told its facts. */
  #outdated = false;

  /** @throws HeadwayError `invalid-request` for an address that is none, or that holds a password or a query */
  constructor(options: UpstreamOptions & { name: string; modelId?: string | undefined }, clock: Clock) {
    checkAddress(options.url);
    checkConcurrency(options.concurrency);
    const { key } = options;
    this.name = options.name;
    this.#options = options;
    this.#http = new UpstreamHttp({ url: options.url, key: typeof key === 'string' ? () => key : key });
    const modelOf = () => this.model;
    const factsOf = () => this.#facts;
    this.context = {
      get model() {
        return modelOf();
      },
      get facts() {
        return factsOf();
      },
      ask: (path, ask) => this.ask(path, ask),
      json: (path, ask) => this.#json(path, ask),
      sleep: (ms, signal) => clock.sleep(ms, signal),
    };
  }

  /** Null until it has answered once, unless its kind was named. */
  get dialect(): Dialect | null {
    return this.#dialect;
  }

  /** As it told them last; null until it has answered once. */
  get facts(): UpstreamFacts | null {
    return this.#facts;
  }

  get isKnown(): boolean {
    return this.#dialect !== null;
  }

  get isOutdated(): boolean {
    return this.#outdated || this.#facts === null;
  }

  /** The id of the model there. */
  get model(): string {
    const { model, modelId } = this.#options;
    const listed = this.#facts?.models ?? [];
    if (model !== undefined) return model;
    if (modelId !== undefined && (listed.includes(modelId) || listed.length !== 1)) return modelId;
    return listed[0] ?? 'default';
  }

  get concurrency(): number {
    return this.#options.concurrency ?? this.#facts?.slots ?? usualConcurrency;
  }

  /** Asks what kind of server it is. @throws HeadwayError `upstream-failed`; the signal's reason */
  async connect(signal: AbortSignal): Promise<void> {
    try {
      const probed = await probe(this.#http, signal);
      const { status } = probed.models;
      const dialect = chooseDialect(probed, this.#options.type);
      if (!dialect.recognizes(probed) && (status !== 200 || this.#options.type === undefined)) {
        throw new HeadwayError(
          'upstream-failed',
          `the upstream answers HTTP ${status} and no list of models where it should (v1/models); check its address`,
          { retryable: status >= 500 },
        );
      }
      this.#dialect = dialect;
      // While it still loads its model it can be recognised, but tells nothing of itself; the next check asks again.
      if (status !== 503) this.#facts = dialect.describe(probed, this.#options.model);
      this.#outdated = status === 503;
    } catch (thrown) {
      signal.throwIfAborted();
      throw errorOf(thrown);
    }
  }

  async check(signal: AbortSignal): Promise<void> {
    if (!this.#facts || this.#outdated) return this.connect(signal);
    try {
      const answer = await this.#http.ask('v1/models', { signal });
      // A server that loads its model answers 503 until it is ready; requests may wait for it.
      if (answer.status !== 200 && answer.status !== 503) throw await failureOfAnswer(answer, this.#http);
      const ids = listedIds(await answer.text(mostListed));
      // Another model, or another server, may be there now.
      const gone = this.#facts.models.includes(this.model) && ids.length > 0 && !ids.includes(this.model);
      this.#outdated = answer.status === 503 || gone;
    } catch (thrown) {
      // What is known of it still holds for the requests that it gets meanwhile.
      this.#outdated = true;
      signal.throwIfAborted();
      throw errorOf(thrown);
    }
    if (this.#outdated) await this.connect(signal);
  }

  /** @throws UpstreamFailure when the connection fails; the signal's reason */
  async ask(path: string, ask: Ask): Promise<Answer> {
    try {
      return await this.#http.ask(path, ask);
    } catch (thrown) {
      ask.signal.throwIfAborted();
      throw failureOfConnection(thrown);
    }
  }

  /** The failure that an answer tells which is no success. */
  failureOf(answer: Answer): Promise<UpstreamFailure> {
    return failureOfAnswer(answer, this.#http);
  }

  /** What to tell of a failure in the upstream's words. */
  withoutSecrets(text: string): string {
    return this.#http.withoutSecrets(text);
  }

  get http(): UpstreamHttp {
    return this.#http;
  }

  /** Deletes what nobody waits for any more. Without success the upstream finds out by itself. */
  giveUp(path: string): void {
    const signal = AbortSignal.timeout(giveUpMs);
    const deleted = this.#delete(path, signal)
      .catch(() => undefined)
      .finally(() => this.#givingUp.delete(deleted));
    this.#givingUp.add(deleted);
  }

  /** Closes all connections, once the upstream knows what was given up. */
  async close(): Promise<void> {
    await Promise.all(this.#givingUp);
    await this.#http.close();
  }

  async #delete(path: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#http.ask(path, { method: 'DELETE', signal });
    await answer.text();
    if (answer.status !== 404) return;
    // It came before the request that it is about, which may have gone over another connection.
    await this.context.sleep(lateMs, signal);
    const again = await this.#http.ask(path, { method: 'DELETE', signal });
    await again.text();
  }

  async #json(path: string, ask: Ask): Promise<unknown> {
    const answer = await this.ask(path, ask);
    if (answer.status !== 200) throw await this.failureOf(answer);
    const text = await answer.text(64_000_000).catch((thrown: unknown) => {
      ask.signal.throwIfAborted();
      throw failureOfConnection(thrown);
    });
    try {
      return JSON.parse(text);
    } catch {
      throw new UpstreamFailure(new HeadwayError('upstream-failed', `the upstream answered no JSON at ${path}`), {
        fault: 'upstream',
      });
    }
  }
}

function errorOf(thrown: unknown): HeadwayError {
  if (thrown instanceof HeadwayError) return thrown;
  return thrown instanceof UpstreamFailure ? thrown.error : failureOfConnection(thrown).error;
}

/** The most characters of a list of models. */
const mostListed = 4_000_000;

function listedIds(text: string): string[] {
  try {
    const { data } = JSON.parse(text) as { data?: unknown };
    return (Array.isArray(data) ? data : []).flatMap(({ id }: { id?: unknown }) =>
      typeof id === 'string' ? [id] : [],
    );
  } catch {
    return [];
  }
}

function checkConcurrency(concurrency: number | undefined): void {
  if (concurrency === undefined || (Number.isInteger(concurrency) && concurrency >= 1)) return;
  throw new HeadwayError('invalid-request', `upstream concurrency: ${concurrency} is no whole number from 1`);
}

function checkAddress(url: string): void {
  const refuse = (message: string) => new HeadwayError('invalid-request', `upstream url: ${message}`);
  if (!URL.canParse(url)) throw refuse('this is no address; write one such as http://127.0.0.1:8000/v1');
  const { protocol, username, password } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw refuse('write an address of http:// or https://');
  if (username !== '' || password !== '') {
    throw refuse('an address must hold no password, since addresses are shown and logged; give the key by itself');
  }
  if (/[?#]/.test(url))
    throw refuse('an address must have no query and no fragment; leave out what follows `?` or `#`');
}
