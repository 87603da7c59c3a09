import { callOpeners, trimMark, type CallForm, type MarkPiece, type Tags } from '../form/call-form.ts';
import { readArguments } from './read-arguments.ts';
import { readBody, readHeader } from './read-channel.ts';
import { passRestOfObject, readJsonString, readJsonValue } from './read-json-value.ts';
import { readThought } from './read-thought.ts';
import { mostWhite, TextSource, type Parse } from './text-source.ts';

export type AnswerPart =
  | { channel: 'content' | 'reasoning'; text: string }
  /** A piece of a call's arguments as JSON text; a call's first piece is empty. */
  | { channel: 'tool-call'; index: number; name: string; text: string }
  /** The call's arguments are complete. */
  | { channel: 'tool-call-end'; index: number; name: string };

export interface AnswerReaderOptions {
  form: CallForm;
  /** Names of the tools that may be called; with none, no text is a call. */
  toolNames: readonly string[];
  /** Whether the prompt ends in an open thought. */
  startsInThought: boolean;
  /** Whether the prompt ends with the beginning of the answer's text, so that no thought follows. @default false */
  continues?: boolean;
  /** The schema of a tool's arguments. It distinguishes texts from other values where the form does not. */
  schemaOf?: (name: string) => unknown;
}

/**
 * A call in progress: from its opening mark, or from the end of its name where the form has no such mark, to its
 * closing mark.
 */
export type OpenCall = {
  index: number;
  /** What the model has written since the opening mark, the end of the name or the beginning of the arguments. */
  written: string;
} & ({ stage: 'mark'; name: null } | { stage: 'name' | 'arguments'; name: string });

/** A call must have its name within this many characters; otherwise the text is not a call. */
const mostBeforeName = 2_000;

/** Splits an answer, which arrives in pieces, into thoughts, content and calls. */
export class AnswerReader {
  readonly #form: CallForm;
  readonly #names: ReadonlySet<string>;
  /** Marks with which a call may begin. */
  readonly #openers: readonly string[];
  readonly #schemaOf: (name: string) => unknown;
  readonly #source = new TextSource();
  readonly #parse: Parse<void>;
  #parts: AnswerPart[] = [];
  #open: OpenCall | null = null;
  #thinks = false;
  #afterThought = '';
  #calls = 0;
  #said: boolean;
  /** White space that is content only if more content follows. */
  #white = '';

  constructor({
    form,
    toolNames,
    startsInThought,
    continues = false,
    schemaOf = () => undefined,
  }: AnswerReaderOptions) {
    this.#form = form;
    this.#said = continues;
    this.#names = new Set(toolNames);
    this.#openers = toolNames.length > 0 ? callOpeners(form) : [];
    this.#schemaOf = schemaOf;
    this.#parse = this.#form.kind === 'channels' ? this.#readChannels(startsInThought) : this.#read(startsInThought);
    this.#parse.next();
  }

  /** The call in progress. */
  get open(): Readonly<OpenCall> | null {
    return this.#open;
  }

  /** Whether the model is in a thought. */
  get thinks(): boolean {
    return this.#thinks;
  }

  /** The text after the latest thought that came in the same piece as its end. */
  get afterThought(): string {
    return this.#afterThought;
  }

  push(text: string): AnswerPart[] {
    this.#source.add(text);
    if (this.#open) this.#open.written += text;
    this.#afterThought = '';
    this.#parse.next();
    return this.#taken();
  }

  /** `cut`: the answer ended before the model's end token, so a call in progress stays incomplete. */
  end({ cut = false } = {}): AnswerPart[] {
    this.#source.ended = true;
    this.#source.cut = cut;
    this.#parse.next();
    return this.#taken();
  }

  #taken(): AnswerPart[] {
    const parts = this.#parts;
    this.#parts = [];
    return parts;
  }

  /** Adds a text, joined with the part before it if both have the same channel. */
  #write(channel: 'content' | 'reasoning', text: string): void {
    if (text === '') return;
    const last = this.#parts.at(-1);
    if (last?.channel === channel) last.text += text;
    else this.#parts.push({ channel, text });
  }

  #say(text: string): void {
    const whole = this.#white + text;
    const trimmed = whole.trimEnd();
    this.#said ||= trimmed !== '';
    // White space before a call is not content.
    const kept = (this.#said && this.#names.size === 0) || whole.length - trimmed.length > mostWhite;
    const said = kept ? whole : trimmed;
    this.#white = whole.slice(said.length);
    this.#write('content', said);
  }

  *#read(startsInThought: boolean): Parse<void> {
    const source = this.#source;
    const { thought, content } = this.#form;
    if (startsInThought && thought !== null) yield* this.#readThought(thought);
    else if (!this.#said) yield* this.#addBegun();
    const marks = this.#openers;
    for (;;) {
      const begins = [
        ...marks,
        ...(thought === null || this.#said ? [] : [thought.open.trim(), thought.close.trim()]),
        ...(content === null ? [] : [content.open.trim(), content.close.trim()]),
      ].filter((mark) => mark !== '');
      let mark = yield* this.#findMark(begins);
      if (mark === null) break;
      if (marks.includes(mark)) {
        if (yield* this.#readCalls()) continue;
        // Another mark may begin with the same characters.
        const others = begins.filter((other) => !marks.includes(other));
        const other = yield* this.#nextOf(others);
        if (other === null) {
          source.at = mark.length;
          this.#say(mark);
          source.drop();
          continue;
        }
        mark = other;
      }
      source.at = mark.length;
      source.drop();
      // A thought's marks count only before any content.
      const ofThought = mark === thought?.open.trim() || mark === thought?.close.trim();
      const ofContent = mark === content?.open.trim() || mark === content?.close.trim();
      if (ofThought && this.#said && !ofContent) this.#say(mark);
      else if (mark === thought?.open.trim()) {
        this.#white = '';
        yield* this.#readThought(thought);
      } else if ((ofThought && !this.#said) || mark === content?.open.trim()) {
        this.#white = '';
        yield* this.#source.dropWhite();
      }
    }
    if (this.#calls === 0) this.#write('content', this.#white);
  }

  /** Inserts the beginning of the first mark that the prompt holds, if the answer continues that mark. */
  *#addBegun(): Parse<void> {
    const { begun = '', sectionOpen, callOpen, thought, content } = this.#form;
    if (begun === '') return;
    const call = sectionOpen === '' ? callOpen[0] : sectionOpen;
    const isNamed = typeof call === 'string' && (call === begun || isNameSign(callOpen[1]));
    const calls = isNamed ? [...this.#names].map((name) => call + name) : [call];
    const marks = [...calls, thought?.open, content?.open].flatMap((mark) =>
      typeof mark === 'string' && mark.trim() !== '' ? [mark.trim()] : [],
    );
    this.#source.add(begun);
    const mark = yield* this.#nextOf(marks);
    this.#source.at = mark === null ? begun.length : 0;
    this.#source.drop();
  }

  /** The one of these marks that comes next, if any. Does not consume it. */
  *#nextOf(marks: readonly string[]): Parse<string | null> {
    this.#source.at = 0;
    for (const mark of marks) if (yield* this.#source.isNext(mark)) return mark;
    return null;
  }

  /** Reads content up to the next of these marks and stops before it; `null` at the end of the text. */
  *#findMark(marks: readonly string[]): Parse<string | null> {
    const source = this.#source;
    const bare = this.#names.size > 0 && this.#openers.length === 0;
    if (bare && !this.#said && this.#calls === 0) {
      yield* source.skipWhite();
      if ((yield* source.peek()) === '{') {
        source.at = 0;
        if (yield* this.#readCalls()) return yield* this.#findMark(marks);
      }
      source.at = 0;
    }
    const firsts = new Set(marks.map((mark) => mark.charAt(0)));
    for (;;) {
      const { buffer } = source;
      let at = 0;
      let held = false;
      for (; at < buffer.length; at++) {
        if (!firsts.has(buffer.charAt(at))) continue;
        const mark = marks.find((one) => buffer.startsWith(one, at));
        if (mark !== undefined) {
          source.at = at;
          this.#say(buffer.slice(0, at));
          source.drop();
          return mark;
        }
        const rest = buffer.length - at;
        held = !source.ended && marks.some((one) => rest < one.length && buffer.endsWith(one.slice(0, rest)));
        if (held) break;
      }
      source.at = at;
      this.#say(buffer.slice(0, at));
      source.drop();
      if (source.ended) return null;
      yield;
    }
  }

  *#readThought(tags: Tags): Parse<void> {
    this.#thinks = true;
    if (!(yield* readThought(this.#source, tags, (text) => this.#write('reasoning', text)))) return;
    this.#endThought();
    yield* this.#source.dropWhite();
  }

  #endThought(): void {
    this.#thinks = false;
    this.#afterThought = this.#source.buffer;
  }

  /** Reads calls from here. Returns `false` and consumes nothing where none begins. */
  *#readCalls(): Parse<boolean> {
    const source = this.#source;
    const { sectionOpen, sectionClose, separator } = this.#form;
    const inSection = sectionOpen.trim() !== '' && (yield* source.take(sectionOpen.trim()));
    let count = 0;
    let begun = false;
    for (;;) {
      const start = source.at;
      yield* source.skipWhite();
      if (inSection && count > 0 && (yield* source.take(sectionClose.trim()))) break;
      if (count > 0 && separator.trim() !== '') yield* source.take(separator.trim());
      const found = yield* this.#readCall(inSection);
      begun = this.#open !== null;
      this.#open = null;
      if (!found) {
        source.at = start;
        break;
      }
      count++;
      if (!inSection) break;
    }
    // Part of a mark is not content.
    if (begun && source.cut) source.at = source.buffer.length;
    else if (count === 0) {
      source.at = 0;
      return false;
    }
    source.drop();
    yield* this.#source.dropWhite();
    return true;
  }

  *#readCall(inSection: boolean): Parse<boolean> {
    const source = this.#source;
    const form = this.#form;
    yield* source.skipWhite();
    const start = source.at;
    if (!(yield* source.takeMark(trimMark(form.callOpen)))) return false;
    if (source.at > start || inSection) this.#beginCall({ stage: 'mark', name: null });
    yield* source.skipWhite();
    if (form.name.kind === 'plain') {
      const name = yield* source.run(/[\w.-]/);
      if (!this.#names.has(name)) return false;
      this.#beginCall({ stage: 'name', name });
      if (form.arguments.kind === 'tagged') yield* source.skipWhite();
      if (!(yield* source.takeMark(form.name.after))) return false;
      if (!(yield* this.#beginArguments(name))) return false;
      if (!(yield* this.#readArgumentsOf(name))) return true;
    } else {
      if (!(yield* source.take('{'))) return false;
      let name: string | null = null;
      for (;;) {
        const key = yield* readJsonString(source);
        yield* source.skipWhite();
        if (key === null || !(yield* source.take(':'))) return false;
        if (key === form.name.field) {
          name = yield* readJsonString(source);
          if (name === null || !this.#names.has(name)) return false;
          // From the quote that ends the name.
          this.#beginCall({ stage: 'name', name }, source.at - 1);
        } else if (key === form.name.argumentsField) break;
        else if (!(yield* readJsonValue(source, () => undefined, mostBeforeName))) return false;
        yield* source.skipWhite();
        if (source.at - start > mostBeforeName || !(yield* source.take(','))) return false;
      }
      if (name === null || !(yield* this.#beginArguments(name))) return false;
      if (!(yield* this.#readArgumentsOf(name))) return true;
      yield* passRestOfObject(source);
    }
    if (form.callClose.trim() !== '') {
      yield* source.skipWhite();
      if (!(yield* source.take(form.callClose.trim()))) source.at = 0;
    }
    source.drop();
    return true;
  }

  /** Marks the text from here on as a call's, as far as it is known. */
  #beginCall(known: { stage: 'mark'; name: null } | { stage: 'name'; name: string }, from = this.#source.at): void {
    this.#open = { ...known, index: this.#calls, written: this.#source.buffer.slice(from) };
  }

  /** Whether arguments may come next. */
  *#beginArguments(name: string): Parse<boolean> {
    const source = this.#source;
    this.#open = { stage: 'arguments', index: this.#calls, name, written: source.buffer.slice(source.at) };
    if (this.#form.arguments.kind !== 'json') return true;
    yield* source.skipWhite();
    return (yield* source.peek()) === '{';
  }

  *#readArgumentsOf(name: string): Parse<boolean> {
    const source = this.#source;
    const index = this.#calls++;
    this.#white = '';
    source.drop();
    this.#parts.push({ channel: 'tool-call', index, name, text: '' });
    const write = (text: string): void => {
      const last = this.#parts.at(-1);
      if (last?.channel === 'tool-call' && last.text !== '') last.text += text;
      else this.#parts.push({ channel: 'tool-call', index, name, text });
      if (this.#form.arguments.kind === 'json') source.drop();
    };
    const whole = yield* readArguments(source, this.#form.arguments, { schema: this.#schemaOf(name), write });
    if (whole) this.#parts.push({ channel: 'tool-call-end', index, name });
    source.drop();
    return whole;
  }

  /** Reads Harmony's messages: a header, which names the recipient, and a body. */
  *#readChannels(startsInThought: boolean): Parse<void> {
    let header: string | null = startsInThought ? '<|channel|>analysis' : null;
    for (;;) {
      header ??= yield* readHeader(this.#source);
      if (header === null) return;
      const name = /to=functions\.([\w.-]+)/.exec(header)?.[1];
      const isCall = name !== undefined && this.#names.has(name) && (yield* this.#beginArguments(name));
      if (isCall) yield* this.#readArgumentsOf(name);
      else this.#open = null;
      this.#thinks = !isCall && /<\|channel\|>\s*analysis/.test(header);
      const channel = this.#thinks ? 'reasoning' : 'content';
      yield* readBody(this.#source, (text) => void (isCall || this.#write(channel, text)));
      this.#open = null;
      if (this.#thinks) this.#endThought();
      header = null;
    }
  }
}

function isNameSign(piece: MarkPiece | undefined): boolean {
  return typeof piece === 'object' && piece.fill === 'name';
}
