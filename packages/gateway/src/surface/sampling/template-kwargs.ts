import type { ChatTemplateKwargs } from '@headway/protocol';
import { z } from 'zod';

import { optionalField } from '../optional-field.ts';

/** The reasoning effort: `none`, `minimal`, `low`, … The model's template decides which values it knows. */
export const reasoningEffort = z.string().min(1).max(64);

export interface AskedThinking {
  effort?: string | null | undefined;
  /** Whether the model should reason. @default false if the effort is `none`, else the template decides */
  thinks?: boolean | null | undefined;
}

/**
 * Merges the template variables for a request's reasoning fields with the request's own variables, which take precedence.
 * Templates have two names for whether to reason (Qwen's `enable_thinking`; `thinking` of DeepSeek and Granite). This sets
 * both, unless the request sets one of them. Returns null if it sets no variable.
 */
export function templateKwargs(
  own: ChatTemplateKwargs | null | undefined,
  { effort, thinks }: AskedThinking,
): ChatTemplateKwargs | null {
  const sets = (name: string) => own !== null && own !== undefined && Object.hasOwn(own, name);
  const asked = sets('reasoning_effort') ? null : effort;
  const thinking = sets('enable_thinking') || sets('thinking') ? null : (thinks ?? (asked === 'none' ? false : null));
  const kwargs = {
    ...optionalField('reasoning_effort', asked),
    ...optionalField('enable_thinking', thinking),
    ...optionalField('thinking', thinking),
    ...own,
  };
  return Object.keys(kwargs).length === 0 ? null : kwargs;
}
