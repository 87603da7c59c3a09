import { fallbackCallForm, thinkTags, type CallForm } from './call-form.ts';

interface KnownForm {
  /** What every template of this form writes, into the declaration of tools or into a call. */
  evidence: readonly string[];
  form: CallForm;
}

const kimi: CallForm = {
  ...fallbackCallForm,
  sectionOpen: '<|tool_calls_section_begin|>',
  sectionClose: '<|tool_calls_section_end|>',
  callOpen: ['<|tool_call_begin|>functions.'],
  name: { kind: 'plain', after: [':', { fill: 'index' }, '<|tool_call_argument_begin|>'] },
  callClose: '<|tool_call_end|>',
  separator: '',
};

/** Harmony, the messages of gpt-oss: `<|channel|>commentary to=functions.NAME <|constrain|>json<|message|>{…}<|call|>`. */
export const harmonyForm: CallForm = {
  ...fallbackCallForm,
  kind: 'channels',
  callOpen: ['<|channel|>commentary to=functions.'],
  name: { kind: 'plain', after: [' <|constrain|>json<|message|>'] },
  callClose: '<|call|>',
  separator: '',
  parallel: false,
  thought: { open: '<|channel|>analysis<|message|>', close: '<|end|>' },
  content: { open: '<|channel|>final<|message|>', close: '<|return|>' },
};

const pythonList: CallForm = {
  ...fallbackCallForm,
  sectionOpen: '<|tool_call_start|>[',
  sectionClose: ']<|tool_call_end|>',
  callOpen: [''],
  name: { kind: 'plain', after: ['('] },
  arguments: { kind: 'pythonic' },
  callClose: ')',
  separator: ', ',
};

const graniteList: CallForm = {
  ...fallbackCallForm,
  sectionOpen: '<|tool_call|>[',
  sectionClose: ']',
  callOpen: [''],
  callClose: '',
  separator: ', ',
};

const gemma: CallForm = {
  ...fallbackCallForm,
  callOpen: ['<|tool_call>call:'],
  name: { kind: 'plain', after: [''] },
  arguments: { kind: 'bare-keys', quote: '<|"|>' },
  callClose: '<tool_call|>',
  separator: '',
  thought: { open: '<|channel>thought\n', close: '<channel|>' },
};

/** Forms that templates do not show in a way that can be learned, by what gives them away. */
const knownForms: readonly KnownForm[] = [
  { evidence: ['<|start|>assistant', '<|channel|>', 'namespace functions'], form: harmonyForm },
  { evidence: ['<|im_system|>tool_declare<|im_middle|>'], form: { ...kimi, thought: thinkTags } },
  { evidence: ['<|tool_list_start|>'], form: pythonList },
  { evidence: ['<|tool_call_start|>[', '<|tool_call_end|>'], form: pythonList },
  { evidence: ['List of tools: [{', '<|im_start|>assistant'], form: pythonList },
  { evidence: ['<|start_of_role|>', 'start with <|tool_call|>'], form: graniteList },
  { evidence: ['<|tool_call>call:', '<|"|>'], form: gemma },
];

/** The form that this text of a template gives away, or none. */
export function knownForm(text: string): CallForm | null {
  return knownForms.find(({ evidence }) => evidence.every((mark) => text.includes(mark)))?.form ?? null;
}
