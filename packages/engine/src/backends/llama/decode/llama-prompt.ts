import type { Token } from 'node-llama-cpp';

import type { Prompt } from '../../../backend/backend.ts';
import type { CallForm } from '../calls/form/call-form.ts';
import type { PromptEnd } from '../prompt/prompt-end.ts';
import type { AnswerRules } from './answer-rules.ts';

/** A rendered request, with the form and the grammars of its answer. */
export interface LlamaPrompt extends Prompt {
  tokens: Token[];
  form: CallForm;
  rules: AnswerRules;
  /** Where the prompt ends within the answer's form. */
  promptEnd: PromptEnd;
  /** The beginning of the answer's text that the prompt already holds. */
  begun: string;
}
