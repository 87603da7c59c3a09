import { fallbackCallForm, type CallForm } from './call-form.ts';

/** Each argument between marks of its own, as in Qwen's coder models and others. */
export const taggedForm: CallForm = {
  ...fallbackCallForm,
  callOpen: ['<tool_call>\n<function='],
  name: { kind: 'plain', after: ['>\n'] },
  arguments: {
    kind: 'tagged',
    keyOpen: '<parameter=',
    valueOpen: '>\n',
    jsonValueOpen: null,
    valueClose: '\n</parameter>\n',
    separator: '',
  },
  callClose: '</function>\n</tool_call>',
};
