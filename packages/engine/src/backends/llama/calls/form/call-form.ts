/** A part of a mark: text as it stands, an identifier that the writer makes up, or the call's number or name. */
export type MarkPiece = string | { fill: 'id' | 'index' | 'name' };

/** Text around names and arguments; white space in it may differ in what a model writes. */
export type Mark = readonly MarkPiece[];

/** The same without white space around it. */
export function trimMark(mark: Mark): Mark {
  const last = mark.length - 1;
  return mark.map((piece, at) => {
    if (typeof piece !== 'string') return piece;
    const begun = at === 0 ? piece.trimStart() : piece;
    return at === last ? begun.trimEnd() : begun;
  });
}

/** What calls begin with in this form, up to white space; nothing where no mark opens them. */
export function callOpeners({ sectionOpen, callOpen }: CallForm): string[] {
  const first = typeof callOpen[0] === 'string' ? callOpen[0].trim() : '';
  const openers = sectionOpen.trim() === '' ? [first] : [sectionOpen.trim(), ...(first.length > 4 ? [first] : [])];
  return openers.map((opener) => /^\S+/.exec(opener)?.[0] ?? '').filter((opener) => opener !== '');
}

/** A pair of marks around a text. */
export interface Tags {
  open: string;
  close: string;
}

/** How the arguments of a call are written. */
export type ArgumentsForm =
  /** One JSON object. */
  | { kind: 'json' }
  /** Each argument between marks of its own: text as it stands, other values as JSON. */
  | {
      kind: 'tagged';
      keyOpen: string;
      /** Between key and value; its white space at the end is no part of the value. */
      valueOpen: string;
      /** The same for a value that is JSON, where the form tells them apart. */
      jsonValueOpen: string | null;
      /** White space at its beginning is no part of the value. */
      valueClose: string;
      /** Between one argument and the next. */
      separator: string;
      /** Around a text that has marks in it or several lines. */
      wrap?: Tags;
    }
  /** `key="text", other=1` with literals of Python. */
  | { kind: 'pythonic' }
  /** `{key:1,other:<quote>text<quote>}` with bare keys. */
  | { kind: 'bare-keys'; quote: string };

/** Where the name of a call stands. */
export type NameForm =
  /** As it stands, after the mark that opens the call. */
  | { kind: 'plain'; after: Mark }
  /** In a field of a JSON object, whose text is written out in `before`, `after` and `close`. */
  | { kind: 'field'; field: string; argumentsField: string; before: Mark; after: Mark; close: string };

/** How a model writes tool calls, as its chat template shows it; plain data. */
export interface CallForm {
  /** `channels` are the messages of Harmony (gpt-oss), each with a header; the marks below are then fixed. */
  kind: 'marks' | 'channels';
  /** Around all calls of an answer; empty where there is none. */
  sectionOpen: string;
  sectionClose: string;
  callOpen: Mark;
  name: NameForm;
  arguments: ArgumentsForm;
  callClose: string;
  /** Between one call and the next. */
  separator: string;
  /** Whether an answer may have several calls. */
  parallel: boolean;
  thought: Tags | null;
  /** Marks around what is said, where there are any. */
  content: Tags | null;
  /** What the prompt ends with of the marks that open a call, a thought or a content: the first of them lacks it. */
  begun?: string;
}

export const thinkTags: Tags = { open: '<think>', close: '</think>' };

/** Of texts that are nothing but texts, such as what follows on a raw prompt. */
export const textForm: CallForm = {
  kind: 'marks',
  sectionOpen: '',
  sectionClose: '',
  callOpen: [],
  name: { kind: 'plain', after: [] },
  arguments: { kind: 'json' },
  callClose: '',
  separator: '',
  parallel: false,
  thought: null,
  content: null,
};

/** What is used for templates that have no calls of their own: the form of Hermes, which most models have seen. */
export const fallbackCallForm: CallForm = {
  kind: 'marks',
  sectionOpen: '',
  sectionClose: '',
  callOpen: ['<tool_call>\n'],
  name: {
    kind: 'field',
    field: 'name',
    argumentsField: 'arguments',
    before: ['{"name": "'],
    after: ['", "arguments": '],
    close: '}',
  },
  arguments: { kind: 'json' },
  callClose: '\n</tool_call>',
  separator: '\n',
  parallel: true,
  thought: thinkTags,
  content: null,
};
