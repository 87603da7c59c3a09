import { Template } from '@huggingface/jinja';
import { fieldError, HeadwayError } from '@headway/protocol';

import { templateDates } from './template-dates.ts';
import { fillTemplateGaps, gapFunctions } from './template-gaps.ts';

/** A chat template's input, as in transformers, vLLM and llama.cpp. */
export interface TemplateInput {
  messages: readonly TemplateMessage[];
  tools: readonly object[] | null;
  /** The request's `chatTemplateKwargs`, such as `enable_thinking`. */
  kwargs: Readonly<Record<string, unknown>>;
  /** Whether the text ends where the model's answer begins. */
  addGenerationPrompt: boolean;
}

export interface TemplateMessage {
  role: string;
  content: unknown;
  [field: string]: unknown;
}

export interface TemplateMarks {
  /** The text of the beginning-of-text token; empty without one. */
  bos: string;
  /** The text of the end-of-text token; empty without one. */
  eos: string;
}

/** A model's chat template, in `@huggingface/jinja`'s dialect of Jinja. */
export class ChatTemplate {
  readonly source: string;
  readonly #template: Template;
  readonly #marks: TemplateMarks;

  /** @throws HeadwayError `model-load-failed` when it does not parse */
  constructor(source: string, marks: TemplateMarks) {
    this.source = source;
    this.#marks = marks;
    try {
      this.#template = new Template(source);
      fillTemplateGaps(this.#template.parsed);
    } catch (thrown) {
      throw new HeadwayError('model-load-failed', `the chat template does not parse (${wordsOf(thrown)})`, {
        cause: thrown,
      });
    }
  }

  /** @throws HeadwayError `invalid-request` with the template's words when it refuses the conversation */
  render({ messages, tools, kwargs, addGenerationPrompt }: TemplateInput): string {
    try {
      return this.#template.render({
        ...templateDates(new Date()),
        ...kwargs,
        ...gapFunctions,
        messages,
        tools,
        add_generation_prompt: addGenerationPrompt,
        bos_token: this.#marks.bos,
        eos_token: this.#marks.eos,
      });
    } catch (thrown) {
      const message = `the model's chat template refuses them: ${wordsOf(thrown)}`;
      throw fieldError({ path: ['messages'], message }, { cause: thrown });
    }
  }
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
