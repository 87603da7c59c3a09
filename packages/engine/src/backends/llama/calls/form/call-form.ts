/** A part of a mark: literal text, an id that the model invents, or the call's number or name. */
export type MarkPiece = string | { fill: 'id' | 'index' | 'name' };

/** Text around names and arguments. A model may write other white space in it. */
export type Mark = readonly MarkPiece[];

/** The mark without white space around it. */
export function trimMark(mark: Mark): Mark {
  const last = mark.length - 1;
  return mark.map((piece, at) => {
    if (typeof piece !== 'string') return piece;
    const begun = at === 0 ? piece.trimStart() : piece;
    return at === last ? begun.trimEnd() : begun;
  });
}

/** The texts with which calls begin in this form, up to white space; none where no mark opens them. */
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
  /** Each argument between marks of its own: texts as they are, other values as JSON. */
  | {
      kind: 'tagged';
      keyOpen: string;
      /** Between key and value; white space at its end is not part of the value. */
      valueOpen: string;
      /** The same before a JSON value, where the form has a mark of its own for that. */
      jsonValueOpen: string | null;
      /** White space at its beginning is not part of the value. */
      valueClose: string;
      /** Between two arguments. */
      separator: string;
      /** Around a text that contains marks or line breaks. */
      wrap?: Tags;
    }
  /** `key="text", other=1` with Python literals. */
  | { kind: 'pythonic' }
  /** `{key:1,other:<quote>text<quote>}` with bare keys. */
  | { kind: 'bare-keys'; quote: string };

/** Where a call has its name. */
export type NameForm =
  /** As it is, after the mark that opens the call. */
  | { kind: 'plain'; after: Mark }
  /** In a field of a JSON object, whose other text is `before`, `after` and `close`. */
  | { kind: 'field'; field: string; argumentsField: string; before: Mark; after: Mark; close: string };

/** How a model writes tool calls, according to its chat template. Plain data. */
export interface CallForm {
  /** `channels` means Harmony's messages (gpt-oss), each with a header; the marks below are then fixed. */
  kind: 'marks' | 'channels';
  /** Around all calls of an answer; empty where the form has no such mark. */
  sectionOpen: string;
  sectionClose: string;
  callOpen: Mark;
  name: NameForm;
  arguments: ArgumentsForm;
  callClose: string;
  /** Between two calls. */
  separator: string;
  /** Whether an answer may have several calls. */
  parallel: boolean;
  thought: Tags | null;
  /** Marks around the answer's text, if any. */
  content: Tags | null;
  /** The beginning that the marks of calls, thoughts and content share, when the prompt already ends with it. */
  begun?: string;
}

export const thinkTags: Tags = { open: '<think>', close: '</think>' };

/** The form of plain text without calls or thoughts, such as the answer to a raw prompt. */
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

/** For templates that write no calls: the form of Hermes, which most models know. */
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
