import { fallbackCallForm, type CallForm } from '../calls/form/call-form.ts';
import { deriveCallForm } from '../calls/derive/derive-call-form.ts';
import type { ChatTemplate, TemplateInput } from './template/chat-template.ts';
import { thoughtMarks } from './template/thought-marks.ts';

/** The form in which the template writes a call; null when it writes none, or in a form that Headway does not know. */
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

/** The form of a model's answers: thoughts as in its template, calls in the template's form or else in Hermes' form. */
export function answerForm(template: ChatTemplate, own: CallForm | null): CallForm {
  const form = own ?? fallbackCallForm;
  if (form.kind === 'channels') return form;
  const { source } = template;
  const shown = form.thought && source.includes(form.thought.close.trim()) ? form.thought : null;
  return { ...form, thought: thoughtMarks(source) ?? shown };
}
