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
  /** The id of the model there. @default the first one that it lists */
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

/** One upstream server: its address and key, what it was found to be, and what was learnt of its speed. */
export class Upstream implements PoolMember {
  readonly name: string;
  readonly reading = new ReadingModel();
  readonly tokens = new TokenGuess();
  readonly prefixes = new PrefixMemory();
  readonly context: DialectContext;
  readonly #options: UpstreamOptions;
  readonly #http: UpstreamHttp;
  #dialect: Dialect | null = null;
  #facts: UpstreamFacts | null = null;
  /** Whether it is to be asked again what it is: a server that was away may come back as another kind. */
  #doubtful = true;

  /** @throws HeadwayError `invalid-request` for an address that is none, or that holds a password or a query */
  constructor(options: UpstreamOptions & { name: string }, clock: Clock) {
    checkAddress(options.url);
    const { key } = options;
    this.name = options.name;
    this.#options = options;
    this.#http = new UpstreamHttp({ url: options.url, key: typeof key === 'string' ? () => key : key });
    const modelOf = () => this.model;
    this.context = {
      get model() {
        return modelOf();
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

  /** Whether it has answered, and no check has failed since. */
  get answers(): boolean {
    return !this.#doubtful;
  }

  /** The id of the model there. */
  get model(): string {
    return this.#options.model ?? this.#facts?.models[0] ?? 'default';
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
      if (!dialect.recognizes(probed) && status !== 200) {
        throw new HeadwayError(
          'upstream-failed',
          `the upstream answers HTTP ${status} where it should list its models (v1/models); check its address`,
        );
      }
      this.#dialect = dialect;
      this.#facts = dialect.describe(probed, this.#options.model);
      this.#doubtful = false;
    } catch (thrown) {
      signal.throwIfAborted();
      throw errorOf(thrown);
    }
  }

  async check(signal: AbortSignal): Promise<void> {
    if (this.#doubtful) return this.connect(signal);
    try {
      const answer = await this.#http.ask('v1/models', { signal });
      // A server that loads its model answers 503 until it is ready; requests may wait for it.
      if (answer.status >= 500 && answer.status !== 503) throw await failureOfAnswer(answer, this.#http);
      await answer.text();
    } catch (thrown) {
      // What is known of it still holds for the requests that it gets meanwhile.
      this.#doubtful = true;
      signal.throwIfAborted();
      throw errorOf(thrown);
    }
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

  close(): Promise<void> {
    return this.#http.close();
  }

  async #json(path: string, ask: Ask): Promise<unknown> {
    const answer = await this.ask(path, ask);
    if (answer.status !== 200) throw await this.failureOf(answer);
    const text = await answer.text(64_000_000);
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

function checkAddress(url: string): void {
  const refuse = (message: string) => new HeadwayError('invalid-request', `upstream url: ${message}`);
  if (!URL.canParse(url)) throw refuse('this is no address; write one such as http://127.0.0.1:8000/v1');
  const { protocol, username, password, search } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw refuse('write an address of http:// or https://');
  if (username !== '' || password !== '') {
    throw refuse('an address must hold no password, since addresses are shown and logged; give the key by itself');
  }
  if (search !== '') throw refuse('an address must have no query; leave out what follows the question mark');
}
