import { literal } from '@headway/json-grammar';
import type { CallForm, Mark } from '../form/call-form.ts';
import { prefixRules } from './prefix-rules.ts';
import { writeArguments, type GrammarTool } from './write-arguments.ts';

export interface AnswerGrammarOptions {
  form: CallForm;
  /** Calls that the answer may be. */
  calls: {
    tools: readonly GrammarTool[];
    /** Whether several may follow one another, where the form has that. */
    parallel: boolean;
  } | null;
  /** A grammar of what may be said in the place of calls, from its rule `root` on. */
  format: string | null;
  /**
   * What stands before: `free` lets the model open a thought, and write anything from there on; `said` is in the middle of
   * what is said, and `thought` behind one that has ended.
   */
  before: 'free' | 'said' | 'thought';
  /** Texts of tokens that end an answer; a grammar cannot ask for them. */
  endMarks?: readonly string[];
}

/** Behind a thought a model may break the line, but not for ever. */
const white = '[ \\x0A]? [ \\x0A]?';

/** A grammar, in llama.cpp's form, of a whole answer: one call or more, or a text in a format. */
export function answerGrammar({ form, calls, format, before, endMarks = [] }: AnswerGrammarOptions): string {
  const ways: string[] = [];
  const rules: string[] = [];
  if (before === 'free' && form.thought) {
    ways.push(`${literal(rest(form.thought.open, form).trimEnd())} anything*`);
    rules.push('anything ::= [\\x01-\\U0010FFFF]\n');
  }
  if (calls) {
    ways.push('calls');
    rules.push(callRules(form, calls, endMarks));
  }
  if (format !== null) {
    ways.push('said');
    rules.push(formatRules(form, format, { isBegun: before === 'said', endMarks }));
  }
  // In Harmony and its like, what follows a thought is a message of its own.
  const restart = form.kind === 'channels' ? '<|start|>assistant' : (form.begun ?? '');
  const next = restart === '' ? white : literal(restart);
  return `root ::= ${before === 'thought' ? `${next} ` : ''}(${ways.join(' | ')})\n${rules.join('')}`;
}

/** How much of a call stands already: the mark that opens it, its name too, or all up to its arguments. */
export type CallStage = 'mark' | 'name' | 'arguments';

/** A grammar of what is left of one call, for one that the model began by itself. */
export function callGrammar(
  form: CallForm,
  tools: readonly GrammarTool[],
  { stage, endMarks = [] }: { stage: CallStage; endMarks?: readonly string[] },
): string {
  const close = withoutEnd(closeOf(form), endMarks);
  const before = form.name.kind === 'field' ? form.name.before : [];
  const between = stage === 'mark' ? `${white} ` : '';
  const ways = tools.map((tool, at) => {
    const mark: Mark = stage === 'mark' ? [...before, tool.name, ...form.name.after] : form.name.after;
    return `${stage === 'arguments' ? '' : `${writeMark(mark, tool.name)} `}tool-${at}-arguments`;
  });
  return [
    `root ::= ${between}(${ways.join(' | ')})${close === '' ? '' : ` ${literal(close)}`}\n`,
    ...tools.map((tool, at) => writeArguments(`tool-${at}-arguments`, form.arguments, tool)),
  ].join('');
}

function callRules(
  form: CallForm,
  { tools, parallel }: NonNullable<AnswerGrammarOptions['calls']>,
  endMarks: readonly string[],
): string {
  const last = withoutEnd(closeOf(form) + form.sectionClose, endMarks);
  const inSection = form.sectionOpen.trim() !== '';
  const again = literal(closeOf(form) + form.separator + (inSection ? '' : (form.begun ?? '')));
  const section = inSection ? `${literal(rest(form.sectionOpen, form))} ` : '';
  const repeated = parallel && form.parallel;
  const [first, ...more] = form.callOpen;
  const begin = typeof first === 'string' ? (inSection ? first.trimStart() : rest(first, form)) : null;
  const open: Mark = begin === null ? form.callOpen : [begin, ...more];
  const mark = form.name.kind === 'field' ? [...open, ...form.name.before] : open;
  return [
    `calls ::= ${section}call${repeated ? ' next*' : ''}${last === '' ? '' : ` ${literal(last)}`}\n`,
    repeated ? `next ::= ${again} call\n` : '',
    `call ::= ${tools.map((_, at) => `tool-${at}`).join(' | ')}\n`,
    ...tools.map(
      (tool, at) =>
        `tool-${at} ::= ${writeMark([...mark, tool.name, ...form.name.after], tool.name)} tool-${at}-arguments\n`,
    ),
    ...tools.map((tool, at) => writeArguments(`tool-${at}-arguments`, form.arguments, tool)),
  ].join('');
}

/** What is said, between its marks where the form has some and has not written the first; a model may leave those out. */
function formatRules(
  form: CallForm,
  format: string,
  { isBegun, endMarks }: { isBegun: boolean; endMarks: readonly string[] },
): string {
  const { kind, content, begun } = form;
  const rules = prefixRules(format, 'said-');
  if (!content || isBegun) return `said ::= said-root\n${rules}`;
  const may = kind === 'channels' || begun !== undefined ? '' : '?';
  const close = withoutEnd(content.close, endMarks);
  const end = close === '' ? '' : ` ${literal(close)}?`;
  return `said ::= ${literal(rest(content.open, form, false))}${may} said-root${end}\n${rules}`;
}

/** A mark without what has been written of it, or else without the space before it. */
function rest(mark: string, { begun = '' }: CallForm, trim = true): string {
  return begun === '' ? (trim ? mark.trimStart() : mark) : mark.slice(begun.length);
}

/** What stands after the arguments of a call. */
function closeOf({ name, callClose }: CallForm): string {
  return (name.kind === 'field' ? name.close : '') + callClose;
}

function withoutEnd(text: string, endMarks: readonly string[]): string {
  const trimmed = text.trimEnd();
  const end = endMarks.find((mark) => mark !== '' && trimmed.endsWith(mark));
  return end === undefined ? trimmed : withoutEnd(trimmed.slice(0, -end.length), endMarks);
}

function writeMark(mark: Mark, name: string): string {
  const pieces: string[] = [];
  let text = '';
  for (const piece of mark) {
    if (typeof piece === 'string' || piece.fill === 'name') {
      text += typeof piece === 'string' ? piece : name;
      continue;
    }
    pieces.push(literal(text), piece.fill === 'index' ? '[0-9]{1,3}' : '[A-Za-z0-9]{9}');
    text = '';
  }
  return [...pieces, literal(text)].filter((piece) => piece !== '""').join(' ');
}
