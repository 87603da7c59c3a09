export interface TemplateInput {
  messages: object[];
  tools?: object[];
  addGenerationPrompt: boolean;
}

/** Renders a chat template; throws where the template refuses. */
export type RenderTemplate = (input: TemplateInput) => string;

export interface TrialCall {
  id: string;
  name: string;
  args: Readonly<Record<string, unknown>>;
}

export const callA: TrialCall = {
  id: 'zqidaaaaa',
  name: 'zq_first_tool',
  args: { zqa_atext: 'zqvaluea', zqa_bcount: 84207 },
};
export const callB: TrialCall = {
  id: 'zqidbbbbb',
  name: 'zq_other_tool',
  args: { zqb_atext: 'zqvalueb', zqb_bcount: 95318 },
};
/** The schemas of these calls' arguments. */
export const trialSchemas = new Map([callA, callB].map(({ name, args }) => [name, schemaFor(args)]));
/** A tool without arguments: some templates write much text for each argument, and none looks up a call's tool. */
const tools = [
  {
    type: 'function',
    function: { name: 'zq_tool', description: 'A tool', parameters: { type: 'object', properties: {} } },
  },
];
const user = { role: 'user', content: 'Hello' };

/** Renders trial conversations; gives `null` where the template refuses one. */
export class CallTrials {
  readonly #render: RenderTemplate;
  /** Some templates refuse tool declarations but show calls. */
  #tools: object[] | undefined = tools;
  /** Some templates show calls only when the content is null. */
  #content: '' | null = '';
  /** The user's question; `prompt` is the question with the generation prompt. */
  readonly base: string | null;
  readonly prompt: string | null;

  constructor(render: RenderTemplate) {
    this.#render = render;
    let prompt = this.#try([user], true);
    if (prompt === null) {
      this.#tools = undefined;
      prompt = this.#try([user], true);
    }
    this.prompt = prompt;
    this.base = this.#try([user], false);
  }

  /** The template's text for this answer to the question. */
  answer(message: object): string | null {
    const text = this.#try([user, { role: 'assistant', ...message }], false);
    return text !== null && this.base !== null && text.startsWith(this.base) ? text.slice(this.base.length) : null;
  }

  calls(calls: readonly TrialCall[], asText: boolean): string | null {
    const written = calls.map(({ id, name, args }) => ({
      id,
      type: 'function',
      function: { name, arguments: asText ? JSON.stringify(args) : args },
    }));
    const shown = (content: '' | null) => {
      const text = this.answer({ content, tool_calls: written });
      return text?.includes(calls[0]?.name ?? '') === true ? text : null;
    };
    const text = shown(this.#content);
    if (text !== null || this.#content === null) return text;
    const other = shown(null);
    if (other !== null) this.#content = null;
    return other;
  }

  #try(messages: object[], addGenerationPrompt: boolean): string | null {
    try {
      return this.#render({ messages, tools: this.#tools, addGenerationPrompt });
    } catch {
      return null;
    }
  }
}

function schemaFor(args: object): object {
  const properties = Object.entries(args).map(([key, value]) => [
    key,
    { type: typeof value === 'string' ? 'string' : 'integer', description: 'A value' },
  ]);
  return { type: 'object', properties: Object.fromEntries(properties) as object, required: Object.keys(args) };
}
