import type { Token } from 'node-llama-cpp';

import type { Prompt } from '../../../backend/backend.ts';
import type { CallForm } from '../calls/form/call-form.ts';
import type { PromptEnd } from '../prompt/prompt-end.ts';
import type { AnswerRules } from './answer-rules.ts';

/** A rendered request, and how its answer is written. */
export interface LlamaPrompt extends Prompt {
  tokens: Token[];
  form: CallForm;
  rules: AnswerRules;
  /** Where the answer begins. */
  promptEnd: PromptEnd;
  /** The beginning of the answer, where the prompt ends with one. */
  begun: string;
}
