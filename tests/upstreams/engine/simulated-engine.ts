import type { Reply, ScriptedCall, UpstreamScript } from '../upstream-script.ts';
import { Processor } from './processor.ts';
import { PromptCache } from './prompt-cache.ts';
import { Slots } from './slots.ts';
import { replyTokens, tokenize, Vocabulary } from './tokens.ts';

/** What a request asks the engine for, whatever the dialect. */
export interface Work {
  prompt: string;
  /** Null for as many as fit. */
  maxTokens: number | null;
  choices: number;
  stop: readonly string[];
  /** Whether its tools may be called. */
  mayCall: boolean;
  signal: AbortSignal;
}

/** A token of an answer. */
export interface ReplyToken {
  id: number;
  text: string;
  logprob: number;
}

/** A part of a call: its start with the name, or a piece of its arguments. */
export interface CallPart {
  index: number;
  call: ScriptedCall;
  starts: boolean;
  /** Empty at the start. */
  arguments: string;
}

export type EngineEvent =
  /** `processed` includes the cached tokens. The first equals them, the last equals `total`. */
  | { type: 'progress'; processed: number; total: number; cached: number; ms: number }
  | { type: 'tokens'; choice: number; kind: 'text' | 'reasoning'; text: string; tokens: ReplyToken[] }
  | { type: 'call'; choice: number; part: CallPart; tokens: ReplyToken[] }
  | { type: 'finish'; choice: number; reason: 'stop' | 'length' | 'tool_calls'; tokens: number };

/** Counts and times of one answer, which grow while it is written. */
export interface RunFacts {
  promptTokens: number;
  cachedTokens: number;
  slot: number;
  /** Time from the slot to the end of the prompt. */
  promptMs: number;
  /** Time from the first token to the newest. */
  decodeMs: number;
  /** Tokens of all choices together, and of each. */
  tokens: number;
  reasoningTokens: number;
  choiceTokens: number[];
}

/** An answer that is being written. */
export interface Run {
  facts: RunFacts;
  events: AsyncGenerator<EngineEvent>;
}

/** What the real server does that others do otherwise. */
export interface EngineHabits {
  /** Tokens read at once. */
  batch: number;
  /** Tokens of a block of the prompt cache. */
  cacheBlock?: number;
}

const defaultText = 'The quick brown fox jumps over the lazy dog.';
/** Pieces of a choice before it is cut at its limit. */
type Piece = { kind: 'text' | 'reasoning'; text: string } | { kind: 'call'; part: CallPart };

/** A model server without a model: queue, prompt cache, prefill and decode in scripted times. */
export class SimulatedEngine {
  readonly vocabulary = new Vocabulary();
  readonly slots: Slots;
  readonly slotCount: number;
  /** The slots that work now. */
  readonly running = new Set<number>();
  /** The newest run of each slot. */
  readonly lastRuns = new Map<number, { facts: RunFacts; processed: number }>();
  readonly #cache = new PromptCache();
  readonly #processor: Processor;
  readonly #habits: EngineHabits;
  #script: UpstreamScript;

  constructor(script: UpstreamScript, habits: EngineHabits) {
    this.#script = script;
    this.#habits = habits;
    this.slotCount = script.slots ?? 4;
    this.slots = new Slots(this.slotCount);
    this.#processor = new Processor(script.sharedProcessor ?? false);
  }

  set script(script: UpstreamScript) {
    this.#script = script;
  }

  get contextSize(): number {
    return this.#script.contextSize ?? 4096;
  }

  tokenize(text: string): string[] {
    return tokenize(text, this.#script.charactersPerToken ?? 4);
  }

  /** Starts an answer; its generator waits for a slot first, and gives it back at its end. */
  start(work: Work): Run {
    const facts: RunFacts = {
      promptTokens: this.tokenize(work.prompt).length,
      cachedTokens: 0,
      slot: -1,
      promptMs: 0,
      decodeMs: 0,
      tokens: 0,
      reasoningTokens: 0,
      choiceTokens: Array.from({ length: work.choices }, () => 0),
    };
    return { facts, events: this.#events(work, facts) };
  }

  async *#events(work: Work, facts: RunFacts): AsyncGenerator<EngineEvent> {
    const slot = await this.slots.take(work.signal);
    facts.slot = slot;
    const state = { facts, processed: 0 };
    this.running.add(slot);
    this.lastRuns.set(slot, state);
    try {
      const prompt = this.tokenize(work.prompt);
      const spend = this.#processor.worker(work.signal);
      for await (const event of this.#prefill(prompt, facts, spend, work.signal)) {
        state.processed = event.processed;
        yield event;
      }
      yield* this.#decode(work, prompt, facts, spend);
    } finally {
      this.running.delete(slot);
      this.slots.giveBack(slot);
    }
  }

  async *#prefill(
    prompt: readonly string[],
    facts: RunFacts,
    spend: (ms: number) => Promise<void>,
    signal: AbortSignal,
  ) {
    const { msPerToken = 0, msPer1000Before = 0, batch = this.#habits.batch } = this.#script.prefill ?? {};
    const remembers = this.#script.cachesPrompts ?? true;
    const cached = remembers ? this.#cache.cachedTokens(prompt, this.#habits.cacheBlock) : 0;
    facts.cachedTokens = cached;
    const started = performance.now();
    const progress = (processed: number) => {
      facts.promptMs = performance.now() - started;
      return { type: 'progress' as const, processed, total: prompt.length, cached, ms: Math.floor(facts.promptMs) };
    };
    yield progress(cached);
    for (let at = cached; at < prompt.length;) {
      signal.throwIfAborted();
      const count = Math.min(batch, prompt.length - at);
      // The mean position of the tokens of a batch tells its cost.
      const before = at + (count - 1) / 2;
      await spend(count * (msPerToken + (msPer1000Before * before) / 1000));
      at += count;
      yield progress(at);
    }
    if (remembers) this.#cache.keep(prompt);
  }

  async *#decode(work: Work, prompt: readonly string[], facts: RunFacts, spend: (ms: number) => Promise<void>) {
    const { msPerToken = 0 } = this.#script.decode ?? {};
    const perChunk = this.#script.tokensPerChunk ?? 1;
    const most = Math.max(1, Math.min(work.maxTokens ?? Infinity, this.contextSize - prompt.length));
    const reply = this.#replyTo(work.prompt);
    const started = performance.now();
    const choices = Array.from({ length: work.choices }, (_, choice) => ({
      choice,
      pieces: limited(piecesOf(reply, choice, work.mayCall), work.stop, most),
      written: '',
    }));
    const open = new Set(choices);
    // The choices of one request are written a token each in turn.
    while (open.size > 0) {
      for (const one of open) {
        work.signal.throwIfAborted();
        const taken: Exclude<EngineEvent, { type: 'progress' }>[] = [];
        let ended: 'stop' | 'tool_calls' | 'length' | null = null;
        for (let count = 0; count < perChunk && ended === null; count++) {
          if ((facts.choiceTokens[one.choice] ?? 0) >= most) ended = 'length';
          else {
            const next = one.pieces.next();
            if (next.done) ended = next.value;
            else {
              await spend(msPerToken);
              facts.decodeMs = performance.now() - started;
              facts.tokens++;
              facts.choiceTokens[one.choice] = (facts.choiceTokens[one.choice] ?? 0) + 1;
              if (next.value.kind === 'reasoning') facts.reasoningTokens++;
              join(taken, this.#tokenEvent(one.choice, next.value));
              one.written += next.value.kind === 'call' ? '' : next.value.text;
            }
          }
        }
        yield* taken;
        if (ended === null) continue;
        open.delete(one);
        if (this.#script.cachesPrompts ?? true) this.#cache.keep([...prompt, ...this.tokenize(one.written)]);
        yield {
          type: 'finish' as const,
          choice: one.choice,
          reason: ended,
          tokens: facts.choiceTokens[one.choice] ?? 0,
        };
      }
    }
  }

  #replyTo(prompt: string): Reply {
    return this.#script.replies?.find(({ when }) => when === undefined || prompt.includes(when)) ?? {};
  }

  #tokenEvent(choice: number, piece: Piece): Exclude<EngineEvent, { type: 'progress' | 'finish' }> {
    const text = piece.kind === 'call' ? piece.part.arguments || piece.part.call.name : piece.text;
    const id = this.vocabulary.numberOf(text);
    const tokens = [{ id, text, logprob: -((id % 7) + 1) / 8 }];
    if (piece.kind === 'call') return { type: 'call', choice, part: piece.part, tokens };
    return { type: 'tokens', choice, kind: piece.kind, text, tokens };
  }
}

/** Puts a token into the event before it where both are of one kind. */
function join(events: Exclude<EngineEvent, { type: 'progress' }>[], event: EngineEvent): void {
  const last = events.at(-1);
  if (event.type === 'progress') return;
  if (last?.type === 'tokens' && event.type === 'tokens' && last.kind === event.kind) {
    last.text += event.text;
    last.tokens.push(...event.tokens);
  } else if (
    last?.type === 'call' &&
    event.type === 'call' &&
    !event.part.starts &&
    last.part.index === event.part.index
  ) {
    last.part = { ...last.part, arguments: last.part.arguments + event.part.arguments };
    last.tokens.push(...event.tokens);
  } else events.push(event);
}

/** The pieces of a choice in order; returns how it ends. */
function* piecesOf(reply: Reply, choice: number, mayCall: boolean): Generator<Piece, 'stop' | 'tool_calls'> {
  for (const text of replyTokens(reply.reasoning ?? [])) yield { kind: 'reasoning', text };
  const calls = mayCall ? (reply.calls ?? []) : [];
  const own = (choice > 0 ? reply.others?.[choice - 1] : undefined) ?? reply.text;
  const tokens = replyTokens(own ?? (calls.length > 0 ? [] : defaultText));
  do {
    for (const text of tokens) yield { kind: 'text', text };
  } while (reply.endless);
  for (const [index, call] of calls.entries()) {
    yield { kind: 'call', part: { index, call, starts: true, arguments: '' } };
    for (const piece of tokenize(call.arguments, 4)) {
      yield { kind: 'call', part: { index, call, starts: false, arguments: piece } };
    }
  }
  return calls.length > 0 ? 'tool_calls' : 'stop';
}

/**
 * Ends before a stop text, which is not given away, nor is its start before it is known to be none, or the token is the
 * last of `most`. Each token stays a piece, which may be empty.
 */
function* limited(
  pieces: Generator<Piece, 'stop' | 'tool_calls'>,
  stops: readonly string[],
  most: number,
): Generator<Piece, 'stop' | 'tool_calls'> {
  let held = '';
  for (let count = 1; ; count++) {
    const next = pieces.next();
    if (next.done) {
      if (held) yield { kind: 'text', text: held };
      return next.value;
    }
    if (next.value.kind !== 'text' || stops.length === 0) {
      yield next.value;
      continue;
    }
    const text = held + next.value.text;
    const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
    if (found.length > 0) {
      const kept = text.slice(0, Math.min(...found));
      if (kept) yield { kind: 'text', text: kept };
      return 'stop';
    }
    const open = count >= most ? 0 : Math.max(...stops.map((stop) => openStart(text, stop)));
    held = text.slice(text.length - open);
    yield { kind: 'text', text: text.slice(0, text.length - open) };
  }
}

/** Characters at the end of the text that may begin the stop text. */
function openStart(text: string, stop: string): number {
  for (let count = Math.min(stop.length - 1, text.length); count > 0; count--) {
    if (stop.startsWith(text.slice(-count))) return count;
  }
  return 0;
}
