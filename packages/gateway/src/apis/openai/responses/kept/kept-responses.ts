import type { AnswerHead } from '../../../../surface/generation-surface.ts';
import type { SharedGeneration } from '../../../../generations/shared-generation.ts';
import type { ToolName } from '../../../../surface/tools/tool-namespaces.ts';
import { bytesOf, ItemPool, keptItem, type KeptItem } from './item-pool.ts';
import type { ResponseState } from '../output/response-object.ts';
import type { AskedResponse } from '../input/responses-request.ts';
import { ownedKey } from '../../../../generations/owned-key.ts';

/** The state of a response that has ended. */
export type ResponseOutcome = ResponseState & { status: Exclude<ResponseState['status'], 'in_progress'> };

/** A response that clients can read, continue and reference. */
export interface KeptResponse {
  readonly owner: string;
  readonly head: AnswerHead;
  readonly request: AskedResponse;
  /** The client's names for functions in namespaces. */
  readonly toolNames: ReadonlyMap<string, ToolName>;
  /** The conversation that it answers, with the items of earlier responses. */
  readonly input: readonly KeptItem[];
}

export interface KeptResponsesOptions {
  /** How long to keep a response after its end, in ms. @default one hour */
  keepMs?: number;
  /** The most responses. @default 256 */
  most?: number;
  /** The most memory for all responses. @default 64 MiB */
  mostBytes?: number;
}

/** An estimate of the memory for a list's reference to an item. */
const placeBytes = 16;

/** A kept response with its current state. */
export interface FoundResponse {
  readonly response: KeptResponse;
  /** Null while it is being written. */
  readonly outcome: ResponseOutcome | null;
  readonly output: readonly KeptItem[];
  /** The running generation; null after its end, since its event log takes more memory than the response. */
  readonly generation: SharedGeneration | null;
}

interface Kept extends FoundResponse {
  outcome: ResponseOutcome | null;
  generation: SharedGeneration | null;
  /** Resolves when `outcome` is known or the response is deleted. */
  settled: Promise<void>;
  output: readonly KeptItem[];
  readonly bytes: number;
  /** When an ended response is deleted, in ms of `performance.now()`. */
  until: number;
}

interface Account {
  readonly pool: ItemPool;
  bytes: number;
  responses: number;
}

/**
 * Keeps responses for a while after their end, unless the request says `store: false`. Each response has its whole
 * conversation, but an item that several responses share is kept once: a chain of responses grows only by new items.
 * Beyond a limit it deletes the oldest response of the owner that has the most.
 */
export class KeptResponses {
  readonly #keepMs: number;
  readonly #most: number;
  readonly #mostBytes: number;
  readonly #accounts = new Map<string, Account>();
  /** By owner and id, oldest first. */
  readonly #responses = new Map<string, Kept>();
  #bytes = 0;
  #forgetting: NodeJS.Timeout | undefined;

  constructor({ keepMs = 60 * 60_000, most = 256, mostBytes = 64 * 1024 * 1024 }: KeptResponsesOptions = {}) {
    this.#keepMs = keepMs;
    this.#most = most;
    this.#mostBytes = mostBytes;
  }

  /** An estimate of the memory for all responses. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#responses.size;
  }

  /** Keeps a response from its start on. Deletes it if `outcome` rejects. */
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
    this.#responses.set(ownedKey(owner, head.id), kept);
    this.#add(account, kept.bytes);
    this.#hold(account, input);
    this.#makeRoom();
  }

  /** Finds a response of the owner, with its outcome if it has ended. `id` is the generation's. */
  async find(owner: string, id: string): Promise<FoundResponse | null> {
    const kept = this.#responses.get(ownedKey(owner, id));
    if (!kept) return null;
    // The generation may have ended before its outcome is known.
    if (kept.generation?.ended) await kept.settled;
    return this.#responses.get(ownedKey(owner, id)) === kept ? kept : null;
  }

  /** Finds an item in the owner's conversations. */
  item(owner: string, id: string): KeptItem | null {
    return this.#accounts.get(owner)?.pool.find(id) ?? null;
  }

  forget(owner: string, id: string): void {
    const kept = this.#responses.get(ownedKey(owner, id));
    if (kept) this.#forget(kept);
  }

  /** Deletes all responses and the timer. */
  close(): void {
    clearTimeout(this.#forgetting);
    this.#responses.clear();
    this.#accounts.clear();
    this.#bytes = 0;
  }

  async #settle(kept: Kept, ending: Promise<ResponseOutcome>): Promise<void> {
    const outcome = await ending.catch(() => null);
    const { owner, head } = kept.response;
    if (this.#responses.get(ownedKey(owner, head.id)) !== kept) return;
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
    this.#responses.delete(ownedKey(owner, head.id));
    const account = this.#accountOf(owner);
    account.responses -= 1;
    this.#add(account, -kept.bytes);
    for (const item of [...input, ...kept.output]) this.#add(account, -placeBytes - account.pool.release(item));
    if (account.responses === 0) this.#accounts.delete(owner);
  }

  /** One timer for all responses, set to the earliest expiry. */
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
