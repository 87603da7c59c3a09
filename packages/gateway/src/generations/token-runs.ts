import type { TokenChannel, TokenEvent } from '@headway/protocol';

/** Tokens that lie unpacked at the end, as they came: whoever keeps up is sent these very objects. */
const packAt = 128;

/** A merged event has about this much text at most, so that one frame stays far below what a viewer may cost. */
const maxMergedText = 32_768;

/** What a token costs besides its text. */
const tokenBytes = 40;

/** What neighbouring tokens must have in common to be sent as one. */
interface Run {
  index: number;
  channel: TokenChannel;
  toolCall: TokenEvent['toolCall'];
}

/** A token in a packed block: where the next one begins, and everything that an event which ends here must say. */
const stride = 5;
const [seqAt, textEndAt, countAt, completionAt, rateAt] = [0, 1, 2, 3, 4] as const;

/** Tokens side by side in numbers and one text: a quarter of what the events took, and still cut anywhere. */
interface Block {
  lastSeq: number;
  size: number;
  facts: Float64Array;
  text: string;
  /** Where in the block each run begins. */
  runs: { from: number; run: Run }[];
  logprobs: TokenEvent['logprobs'][] | null;
  bytes: number;
}

/**
 * The token events of one generation, in order. Neighbours are merged when they are read and not when they are kept, so
 * that a reader can go on after any of them.
 */
export class TokenRuns {
  readonly #blocks: Block[] = [];
  #tail: TokenEvent[] = [];
  #tailBytes = 0;
  #blockBytes = 0;
  #forgottenSeq = -1;

  get bytes(): number {
    return this.#blockBytes + this.#tailBytes;
  }

  /** The last token that is no longer here; -1 when all are. */
  get forgottenSeq(): number {
    return this.#forgottenSeq;
  }

  append(event: TokenEvent): void {
    this.#tail.push(event);
    this.#tailBytes += bytesOf(event);
    if (this.#tail.length < packAt) return;
    const block = pack(this.#tail, this.#tailBytes);
    this.#blocks.push(block);
    this.#blockBytes += block.bytes;
    this.#tail = [];
    this.#tailBytes = 0;
  }

  /** Drops the oldest tokens, as many as were packed together; false when only the newest are left. */
  forgetOldest(): boolean {
    const oldest = this.#blocks.shift();
    if (!oldest) return false;
    this.#blockBytes -= oldest.bytes;
    this.#forgottenSeq = oldest.lastSeq;
    return true;
  }

  /** The first token after `after` and before `before`, merged with its neighbours there; null when there is none. */
  next(after: number, before: number): TokenEvent | null {
    const merged = new Merging(before);
    for (let at = this.#firstBlock(after); at < this.#blocks.length; at++) {
      const block = this.#blocks[at];
      if (block && !merged.addBlock(block, after)) return merged.event;
    }
    for (let at = this.#firstInTail(after); at < this.#tail.length; at++) {
      const event = this.#tail[at];
      if (event && !merged.addEvent(event)) break;
    }
    return merged.event;
  }

  #firstBlock(after: number): number {
    let [low, high] = [0, this.#blocks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#blocks[middle]?.lastSeq ?? 0) <= after) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** From the end, where those are who keep up. */
  #firstInTail(after: number): number {
    let at = this.#tail.length;
    while (at > 0 && (this.#tail[at - 1]?.seq ?? -1) > after) at--;
    return at;
  }
}

/** Adds up what one event will say, token by token, as far as they belong together. */
class Merging {
  readonly #before: number;
  #event: TokenEvent | null = null;
  #own = false;

  constructor(before: number) {
    this.#before = before;
  }

  get event(): TokenEvent | null {
    return this.#event;
  }

  /** False when nothing more can be added. */
  addEvent(event: TokenEvent): boolean {
    if (event.seq >= this.#before) return false;
    if (!this.#event) {
      this.#event = event;
      return true;
    }
    if (!belongs(this.#event, event) || this.#event.text.length + event.text.length > maxMergedText) return false;
    const merged = this.#ownEvent(this.#event);
    merged.text += event.text;
    merged.count += event.count;
    merged.seq = event.seq;
    merged.completionTokens = event.completionTokens;
    merged.tokensPerSecond = event.tokensPerSecond;
    if (event.toolCall) merged.toolCall = event.toolCall;
    if (event.logprobs) merged.logprobs = [...(merged.logprobs ?? []), ...event.logprobs];
    return true;
  }

  /** The same for the tokens of a block that come after `after`, by ranges of one run. */
  addBlock(block: Block, after: number): boolean {
    let from = firstAfter(block, after);
    while (from < block.size) {
      const { run, to } = runAt(block, from);
      const end = this.#endOf(block, from, to);
      if (end > from && !this.addEvent(unpack(block, run, from, end))) return false;
      if (end < to) return false;
      from = end;
    }
    return true;
  }

  /** Where in `from` to `to` the tokens stop that can be sent with what is there already. */
  #endOf(block: Block, from: number, to: number): number {
    const room = maxMergedText - (this.#event?.text.length ?? 0);
    const start = textStart(block, from);
    let end = from;
    while (end < to && fact(block, end, seqAt) < this.#before) {
      // One token is always sent, however long its text.
      if (fact(block, end, textEndAt) - start > room && (end > from || this.#event)) break;
      end++;
    }
    return end;
  }

  #ownEvent(event: TokenEvent): TokenEvent {
    if (this.#own) return event;
    this.#own = true;
    return (this.#event = { ...event });
  }
}

function belongs(a: TokenEvent, b: TokenEvent): boolean {
  return a.index === b.index && a.channel === b.channel && a.toolCall?.index === b.toolCall?.index;
}

function bytesOf({ text, logprobs = [] }: TokenEvent): number {
  return tokenBytes + 2 * text.length + logprobs.reduce((sum, { top }) => sum + 150 * (1 + top.length), 0);
}

function pack(events: readonly TokenEvent[], bytes: number): Block {
  const facts = new Float64Array(events.length * stride);
  const runs: Block['runs'] = [];
  let textEnd = 0;
  let before: TokenEvent | null = null;
  for (const [at, event] of events.entries()) {
    const {
      type: _,
      seq,
      index,
      text,
      count,
      completionTokens,
      tokensPerSecond,
      channel,
      toolCall,
      logprobs,
      ...rest
    } = event;
    // Whoever adds a field to the event has to keep it here, too.
    rest satisfies Record<string, never>;
    void logprobs;
    textEnd += text.length;
    facts.set([seq, textEnd, count, completionTokens, tokensPerSecond], at * stride);
    if (!before || !belongs(before, event)) runs.push({ from: at, run: { index, channel, toolCall } });
    before = event;
  }
  return {
    lastSeq: before?.seq ?? -1,
    size: events.length,
    facts,
    text: events.map(({ text }) => text).join(''),
    runs,
    logprobs: events.some(({ logprobs }) => logprobs) ? events.map(({ logprobs }) => logprobs) : null,
    bytes,
  };
}

function unpack(block: Block, { index, channel, toolCall }: Run, from: number, to: number): TokenEvent {
  let count = 0;
  for (let at = from; at < to; at++) count += fact(block, at, countAt);
  const last = to - 1;
  const logprobs = block.logprobs?.slice(from, to).flatMap((of) => of ?? []);
  return {
    type: 'token',
    seq: fact(block, last, seqAt),
    index,
    text: block.text.slice(textStart(block, from), fact(block, last, textEndAt)),
    count,
    completionTokens: fact(block, last, completionAt),
    tokensPerSecond: fact(block, last, rateAt),
    channel,
    ...(toolCall && { toolCall }),
    ...(logprobs && { logprobs }),
  };
}

function fact(block: Block, token: number, which: number): number {
  return block.facts[token * stride + which] ?? 0;
}

function textStart(block: Block, token: number): number {
  return token === 0 ? 0 : fact(block, token - 1, textEndAt);
}

function firstAfter(block: Block, after: number): number {
  let [low, high] = [0, block.size];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (fact(block, middle, seqAt) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The run that a token is of, and where in the block it ends. */
function runAt({ runs, size }: Block, token: number): { run: Run; to: number } {
  const at = runs.findLastIndex(({ from }) => from <= token);
  const found = runs[at];
  if (!found) throw new Error('a block begins with a run');
  return { run: found.run, to: runs[at + 1]?.from ?? size };
}
