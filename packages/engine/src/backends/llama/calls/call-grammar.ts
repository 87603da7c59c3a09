import { literal } from '../../../json-grammar/gbnf-rules.ts';
import type { CallForm, Mark } from './call-form.ts';
import { untilMark } from './until-mark.ts';
import { writeArguments, type GrammarTool } from './write-arguments.ts';

export interface CallGrammarOptions {
  form: CallForm;
  /** The tools that may be called. */
  tools: readonly GrammarTool[];
  /** Whether several calls may follow one another, where the form has that. */
  parallel: boolean;
  /** What may stand before the first call; `in-thought` where the prompt ends within one. */
  upfront: 'thought-allowed' | 'call-first' | 'in-thought';
  /** Texts of tokens that end an answer; a grammar cannot ask for them. */
  endMarks?: readonly string[];
}

/** A model may break the line before a call, but not for ever. */
const white = '[ \\x0A]? [ \\x0A]?';

/** A grammar, in llama.cpp's form, whose every text is one call or more. */
export function callGrammar({ form, tools, parallel, upfront, endMarks = [] }: CallGrammarOptions): string {
  const last = withoutEnd(closeOf(form) + form.sectionClose, endMarks);
  // The prompt, or the end of a thought, has written this much of the first call.
  const { begun = '' } = form;
  const inSection = form.sectionOpen.trim() !== '';
  const again = literal(closeOf(form) + form.separator + (inSection ? '' : begun));
  const calls = tools.map((tool, at) => {
    const [first, ...more] = form.callOpen;
    const open: Mark = typeof first === 'string' ? [rest(first, inSection ? '' : begun), ...more] : form.callOpen;
    const mark = form.name.kind === 'field' ? [...open, ...form.name.before] : open;
    return `tool-${at} ::= ${writeMark([...mark, tool.name, ...form.name.after], tool.name)} tool-${at}-arguments\n`;
  });
  const section = inSection ? `${literal(rest(form.sectionOpen, begun))} ` : '';
  const repeated = parallel && form.parallel ? ' next*' : '';
  const begin = upfrontRule(form, upfront);
  return [
    `root ::= ${begin.use}${begun === '' ? `${white} ` : ''}${section}call${repeated}${last === '' ? '' : ` ${literal(last)}`}\n`,
    repeated === '' ? '' : `next ::= ${again} call\n`,
    `call ::= ${tools.map((_, at) => `tool-${at}`).join(' | ')}\n`,
    ...calls,
    ...tools.map((tool, at) => writeArguments(`tool-${at}-arguments`, form.arguments, tool)),
    begin.rules,
  ].join('');
}

/** A grammar of one call's arguments and of the mark that closes it, for a call that the model began by itself. */
export function argumentsGrammar(form: CallForm, tool: GrammarTool, endMarks: readonly string[] = []): string {
  const close = withoutEnd(closeOf(form), endMarks);
  const rules = writeArguments('arguments', form.arguments, tool);
  return `root ::= arguments${close === '' ? '' : ` ${literal(close)}`}\n${rules}`;
}

function upfrontRule({ thought, kind, begun = '' }: CallForm, upfront: CallGrammarOptions['upfront']) {
  if (thought === null || upfront === 'call-first') return { use: '', rules: '' };
  // In Harmony and its like, a call is a message of its own.
  const restart = kind === 'channels' ? '<|start|>assistant' : begun;
  const start = restart === '' ? '' : ` ${literal(restart)}`;
  const rules = untilMark('thought', thought.close.trim());
  if (upfront === 'in-thought') return { use: `thought${start} `, rules };
  return {
    use: `begin? `,
    rules: `begin ::= ${begun === '' ? `${white} ` : ''}${literal(rest(thought.open, begun).trimEnd())} thought${start}\n${rules}`,
  };
}

/** A mark without what the prompt wrote of it; else without the space before it. */
function rest(mark: string, begun: string): string {
  return begun === '' ? mark.trimStart() : mark.slice(begun.length);
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
