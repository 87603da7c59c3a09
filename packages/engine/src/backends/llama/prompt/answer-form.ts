import { fallbackCallForm, type CallForm } from '../calls/form/call-form.ts';
import { deriveCallForm } from '../calls/derive/derive-call-form.ts';
import type { ChatTemplate, TemplateInput } from './template/chat-template.ts';
import { thoughtMarks } from './template/thought-marks.ts';

/** How the template writes a call; null when it has no form for one, or none that was understood. */
export function ownCallForm(template: ChatTemplate): CallForm | null {
  return deriveCallForm(({ messages, tools, addGenerationPrompt }) =>
    template.render({
      messages: messages as TemplateInput['messages'],
      tools: tools ?? null,
      kwargs: {},
      addGenerationPrompt,
    }),
  );
}

/** How a model writes its answers: thoughts as its template has them, calls in its own form or in the usual one. */
export function answerForm(template: ChatTemplate, own: CallForm | null): CallForm {
  const form = own ?? fallbackCallForm;
  if (form.kind === 'channels') return form;
  const { source } = template;
  const shown = form.thought && source.includes(form.thought.close.trim()) ? form.thought : null;
  return { ...form, thought: thoughtMarks(source) ?? shown };
}
