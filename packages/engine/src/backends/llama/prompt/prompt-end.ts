/** Where a prompt ends: in an open thought, after a thought, in the answer's text, or before the answer. */
export type PromptEnd = 'in-thought' | 'after-thought' | 'in-answer' | 'before-answer';
