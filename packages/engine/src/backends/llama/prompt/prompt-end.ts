/** Where a prompt ends: in an opened thought, behind one, in what is said, or before all that. */
export type PromptEnd = 'in-thought' | 'after-thought' | 'in-answer' | 'before-answer';
