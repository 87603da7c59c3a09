import { literal } from '@headway/json-grammar';
import type { CallForm, Mark } from '../form/call-form.ts';
import { prefixRules } from './prefix-rules.ts';
import { writeArguments, type GrammarTool } from './write-arguments.ts';

export interface AnswerGrammarOptions {
  form: CallForm;
  /** The calls that the answer may consist of. */
  calls: {
    tools: readonly GrammarTool[];
    /** Whether several calls may follow one another, where the form allows that. */
    parallel: boolean;
  } | null;
  /** The grammar of an answer without calls, from its rule `root` on. */
  format: string | null;
  /**
   * Where the grammar starts: `free` allows the model to open a thought, and anything after that; `content` is within
   * the answer's text, and `thought` is after a thought has ended.
   */
  before: 'free' | 'content' | 'thought';
  /** Texts of the tokens that end an answer, which a grammar cannot require. */
  endMarks?: readonly string[];
}

/** After a thought a model may write a line break or two, but no endless white space. */
const white = '[ \\x0A]? [ \\x0A]?';

/** A grammar, in llama.cpp's GBNF, of a whole answer: calls, or a text in a format. */
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
    ways.push('content');
    rules.push(formatRules(form, format, { isBegun: before === 'content', endMarks }));
  }
  // In Harmony and similar forms, a new message follows a thought.
  const restart = form.kind === 'channels' ? '<|start|>assistant' : (form.begun ?? '');
  const next = restart === '' ? white : literal(restart);
  return `root ::= ${before === 'thought' ? `${next} ` : ''}(${ways.join(' | ')})\n${rules.join('')}`;
}

/** How much of a call the model has written: its opening mark, its name too, or all of it up to its arguments. */
export type CallStage = 'mark' | 'name' | 'arguments';

/** A grammar of the rest of one call that the model began unasked. */
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

/** The answer's text in its format, between the form's marks if it has any; the model may leave those out. */
function formatRules(
  form: CallForm,
  format: string,
  { isBegun, endMarks }: { isBegun: boolean; endMarks: readonly string[] },
): string {
  const { kind, content, begun } = form;
  const rules = prefixRules(format, 'content-');
  if (!content || isBegun) return `content ::= content-root\n${rules}`;
  const may = kind === 'channels' || begun !== undefined ? '' : '?';
  const close = withoutEnd(content.close, endMarks);
  const end = close === '' ? '' : ` ${literal(close)}?`;
  return `content ::= ${literal(rest(content.open, form, false))}${may} content-root${end}\n${rules}`;
}

/** The rest of a mark of which the prompt holds `begun`; otherwise the mark without leading space. */
function rest(mark: string, { begun = '' }: CallForm, trim = true): string {
  return begun === '' ? (trim ? mark.trimStart() : mark) : mark.slice(begun.length);
}

/** The text after a call's arguments. */
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
