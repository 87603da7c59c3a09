import type { AnswerHead } from '../../../../surface/generation-surface.ts';
import type { SharedGeneration } from '../../../../generations/shared-generation.ts';
import type { ToolName } from '../../../../surface/tools/tool-namespaces.ts';
import { bytesOf, ItemPool, keptItem, type KeptItem } from './item-pool.ts';
import type { ResponseState } from '../output/response-object.ts';
import type { AskedResponse } from '../input/responses-request.ts';

/** What became of a response. */
export type ResponseOutcome = ResponseState & { status: Exclude<ResponseState['status'], 'in_progress'> };

/** A response that can be read, gone on from and referred to. */
export interface KeptResponse {
  readonly owner: string;
  readonly head: AnswerHead;
  readonly request: AskedResponse;
  /** What the client calls functions of its namespaces. */
  readonly toolNames: ReadonlyMap<string, ToolName>;
  /** The conversation that it answers: what was kept before, and what came with the request. */
  readonly input: readonly KeptItem[];
}

export interface KeptResponsesOptions {
  /** How long, from a response's end. @default an hour, in ms */
  keepMs?: number;
  /** How many. @default 256 */
  most?: number;
  /** What they take together. @default 64 MiB */
  mostBytes?: number;
}

/** An entry of a list takes that much, whoever has the item. */
const placeBytes = 16;

/** How a kept response stands. */
export interface FoundResponse {
  readonly response: KeptResponse;
  /** Null while it is being written. */
  readonly outcome: ResponseOutcome | null;
  readonly output: readonly KeptItem[];
  /** What writes it; null once it has ended, since its log is larger than what is kept here. */
  readonly generation: SharedGeneration | null;
}

interface Kept extends FoundResponse {
  outcome: ResponseOutcome | null;
  generation: SharedGeneration | null;
  /** Resolves when `outcome` is known, or the response forgotten. */
  settled: Promise<void>;
  output: readonly KeptItem[];
  readonly bytes: number;
  /** When it is forgotten, by the clock of `performance`; once it has ended. */
  until: number;
}

interface Account {
  readonly pool: ItemPool;
  bytes: number;
  responses: number;
}

/**
 * Responses that were not asked for with `store: false`, for a while after their end. Each has its whole conversation, of
 * which every item is kept once, so that a chain of them grows by what each turn adds. Beyond its bounds the oldest of
 * the owner who has the most is forgotten.
 */
export class KeptResponses {
  readonly #keepMs: number;
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #accounts = new Map<string, Account>();
  /** By owner and id, the oldest first. */
  readonly #responses = new Map<string, Kept>();
  #bytes = 0;
  #forgetting: NodeJS.Timeout | undefined;

  constructor({ keepMs = 60 * 60_000, most = 256, mostBytes = 64 * 1024 * 1024 }: KeptResponsesOptions = {}) {
    this.#keepMs = keepMs;
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  /** What all of them take, as an estimate. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#responses.size;
  }

  /** Keeps one from its start on. When its outcome cannot be told, it is forgotten. */
  keep(response: KeptResponse, generation: SharedGeneration, outcome: Promise<ResponseOutcome>): void {
    const { owner, head, request, input } = response;
    const account = this.#accountOf(owner);
    account.responses += 1;
    const kept: Kept = {
      response,
      outcome: null,
      generation,
      settled: Promise.resolve(),
      output: [],
      bytes: bytesOf(request),
      until: Number.POSITIVE_INFINITY,
    };
    kept.settled = this.#settle(kept, outcome);
    this.#responses.set(keyOf(owner, head.id), kept);
    this.#add(account, kept.bytes);
    this.#hold(account, input);
    this.#makeRoom();
  }

  /** One of the owner's, with its outcome when it has ended; `id` is the generation's. */
  async find(owner: string, id: string): Promise<FoundResponse | null> {
    const kept = this.#responses.get(keyOf(owner, id));
    if (!kept) return null;
    // Whoever heard of the end finds it here.
    if (kept.generation?.ended) await kept.settled;
    return this.#responses.get(keyOf(owner, id)) === kept ? kept : null;
  }

  /** An item of any of the owner's conversations. */
  item(owner: string, id: string): KeptItem | null {
    return this.#accounts.get(owner)?.pool.find(id) ?? null;
  }

  forget(owner: string, id: string): void {
    const kept = this.#responses.get(keyOf(owner, id));
    if (kept) this.#forget(kept);
  }

  /** Forgets all of them, and leaves no timer. */
  close(): void {
    clearTimeout(this.#forgetting);
    this.#responses.clear();
    this.#accounts.clear();
    this.#bytes = 0;
  }

  async #settle(kept: Kept, told: Promise<ResponseOutcome>): Promise<void> {
    const outcome = await told.catch(() => null);
    const { owner, head } = kept.response;
    if (this.#responses.get(keyOf(owner, head.id)) !== kept) return;
    if (!outcome) return this.#forget(kept);
    const account = this.#accountOf(owner);
    kept.outcome = outcome;
    kept.generation = null;
    kept.output = outcome.output.map((item) => keptItem(item.id, item));
    this.#hold(account, kept.output);
    kept.until = performance.now() + this.#keepMs;
    this.#makeRoom();
    this.#scheduleForgetting();
  }

  #accountOf(owner: string): Account {
    const known = this.#accounts.get(owner);
    if (known) return known;
    const account = { pool: new ItemPool(), bytes: 0, responses: 0 };
    this.#accounts.set(owner, account);
    return account;
  }

  #hold(account: Account, items: readonly KeptItem[]): void {
    for (const item of items) this.#add(account, placeBytes + account.pool.hold(item));
  }

  #add(account: Account, bytes: number): void {
    account.bytes += bytes;
    this.#bytes += bytes;
  }

  #makeRoom(): void {
    while (this.#responses.size > this.#most) this.#forgetOldest(({ responses }) => responses);
    while (this.#bytes > this.#mostBytes && this.#responses.size > 0) this.#forgetOldest(({ bytes }) => bytes);
  }

  #forgetOldest(taken: (account: Account) => number): void {
    const [[owner] = ['']] = [...this.#accounts].sort(([, one], [, other]) => taken(other) - taken(one));
    for (const kept of this.#responses.values()) {
      if (kept.response.owner === owner) return this.#forget(kept);
    }
  }

  #forget(kept: Kept): void {
    const { owner, head, input } = kept.response;
    this.#responses.delete(keyOf(owner, head.id));
    const account = this.#accountOf(owner);
    account.responses -= 1;
    this.#add(account, -kept.bytes);
    for (const item of [...input, ...kept.output]) this.#add(account, -placeBytes - account.pool.letGo(item));
    if (account.responses === 0) this.#accounts.delete(owner);
  }

  /** One timer for all of them, for the one that ended first. */
  #scheduleForgetting(): void {
    clearTimeout(this.#forgetting);
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    for (const kept of this.#responses.values()) {
      if (kept.until <= now) this.#forget(kept);
      else next = Math.min(next, kept.until);
    }
    if (next === Number.POSITIVE_INFINITY) return;
    this.#forgetting = setTimeout(() => this.#scheduleForgetting(), next - now).unref();
  }
}

/** Owners have no slash, so no two owners' can be the same. */
function keyOf(owner: string, id: string): string {
  return `${owner}/${id}`;
}
