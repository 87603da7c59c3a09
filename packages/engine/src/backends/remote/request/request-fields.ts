import { fieldError, type GenerateRequest, type ResponseFormat } from '@headway/protocol';

/** The upstream's names of fields that OpenAI's API does not have. A field without a name cannot be asked for there. */
export interface FieldNames {
  topK?: string;
  /** The value of `topK` that keeps all tokens. @default 0 */
  wholeTopK?: number;
  minP?: string;
  repeatPenalty?: string;
  ignoreEos?: string;
  chatTemplateKwargs?: string;
  /** Sent as false where the request wants nothing from the cache. */
  cachePrompt?: string;
  /** Fields that make the server leave the last assistant message open. @default it does so by itself, or never */
  continueLast?: object;
  /** The name of `generationPrompt`. */
  generationPrompt?: string;
  /** Fields for formats other than JSON. Undefined: the server has no such format. */
  format?(format: Exclude<ResponseFormat, { type: 'json' }>): object | undefined;
  /** Fields of OpenAI's API that the server refuses, or ignores without a word. @default none */
  without?: readonly OpenAiField[];
}

/** The defaults that `generateRequest` fills in: a server without the field is asked for what it does anyway. */
const defaults = { topK: 40, minP: 0.05, repeatPenalty: 1, ignoreEos: false, cachePrompt: true } as const;

type OwnField = keyof typeof defaults;

/** Fields of OpenAI's API that some servers lack, and whether a request asks for more than such a server does anyway. */
const openAiFields = {
  logprobs: ({ logprobs }) => logprobs !== undefined,
  logitBias: ({ logitBias }) => logitBias !== undefined,
  presencePenalty: ({ presencePenalty }) => presencePenalty !== 0,
  frequencyPenalty: ({ frequencyPenalty }) => frequencyPenalty !== 0,
  // Without tools, none is called.
  toolChoice: ({ toolChoice }) => toolChoice !== undefined && toolChoice !== 'auto' && toolChoice !== 'none',
  parallelToolCalls: ({ tools, parallelToolCalls }) => tools !== undefined && !parallelToolCalls,
  responseFormat: ({ responseFormat }) => responseFormat?.type === 'json',
} as const satisfies Partial<Record<keyof GenerateRequest, (request: GenerateRequest) => boolean>>;

export type OpenAiField = keyof typeof openAiFields;

/** Fields in the server's own names. @throws HeadwayError `invalid-request` naming a field that it does not have */
export function ownFields(request: GenerateRequest, names: FieldNames, server: string): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of Object.keys(defaults) as OwnField[]) {
    const name = names[field];
    const value = request[field];
    if (name !== undefined) {
      // What the server does by itself needs no field.
      if (field === 'topK') body[name] = value === 0 ? (names.wholeTopK ?? 0) : value;
      else if (field === 'minP' || value !== defaults[field]) body[name] = value;
    } else if (value !== defaults[field] && field !== 'cachePrompt') {
      throw lacking(field, server);
    }
  }
  for (const field of names.without ?? []) {
    if (openAiFields[field](request)) throw lacking(field, server);
  }
  if (request.chatTemplateKwargs !== undefined) {
    if (names.chatTemplateKwargs === undefined) throw lacking('chatTemplateKwargs', server);
    body[names.chatTemplateKwargs] = request.chatTemplateKwargs;
  }
  if (request.generationPrompt === false) {
    if (names.generationPrompt === undefined) throw lacking('generationPrompt', server);
    body[names.generationPrompt] = false;
  }
  if (request.onContextFull === 'shift') throw lacking('onContextFull', server, "'shift'");
  if (request.responseFormat && request.responseFormat.type !== 'json') {
    const { type } = request.responseFormat;
    const fields = names.format?.(request.responseFormat);
    if (!fields) throw lacking('responseFormat', server, `of type '${type}'`);
    Object.assign(body, fields);
  }
  return body;
}

/** What requests cannot have, by field. `salts`: the server keeps a prompt apart from all others where that is asked for. */
export function lackingFields(names: FieldNames, { salts = false } = {}): string[] {
  const fields: (keyof FieldNames & keyof GenerateRequest)[] = [
    'topK',
    'minP',
    'repeatPenalty',
    'ignoreEos',
    'cachePrompt',
    'chatTemplateKwargs',
    'generationPrompt',
  ];
  const formats = [
    { type: 'grammar', grammar: 'root ::= "a"' },
    { type: 'regex', pattern: 'a' },
    { type: 'choice', choices: ['a'] },
  ] as const;
  return [
    ...fields.filter((field) => names[field] === undefined && !(salts && field === 'cachePrompt')),
    ...(names.without ?? []).map((field) => (field === 'responseFormat' ? 'responseFormat: json' : field)),
    ...formats.filter((format) => !names.format?.({ ...format } as never)).map(({ type }) => `responseFormat: ${type}`),
    'onContextFull: shift',
  ];
}

function lacking(field: string, server: string, detail = '') {
  return fieldError({
    path: [field],
    message: `${detail && `${detail} `}is not possible with ${server}, which runs this model; leave it out`,
  });
}
