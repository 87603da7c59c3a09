import type { CallForm, Mark } from './call-form.ts';

/** All marks of a form, one after the other. */
export function formMarks(form: CallForm): string {
  const { sectionOpen, sectionClose, callOpen, callClose, separator, name, thought, content } = form;
  const args = form.arguments;
  return [
    ...(form.kind === 'channels' ? ['<|start|>assistant<|channel|>analysis<|message|><|constrain|><|end|>'] : []),
    ...[thought, content].flatMap((tags) => (tags ? [tags.open, tags.close] : [])),
    sectionOpen + textOf(callOpen) + textOf(name.after) + callClose + separator + sectionClose,
    ...(name.kind === 'field' ? [textOf(name.before), name.close] : []),
    ...(args.kind === 'tagged' ? [args.keyOpen, args.valueOpen, args.jsonValueOpen ?? '', args.valueClose] : []),
    ...(args.kind === 'bare-keys' ? [args.quote] : []),
  ].join('\n');
}

function textOf(mark: Mark): string {
  return mark.map((piece) => (typeof piece === 'string' ? piece : '')).join('\n');
}
