import { fallbackCallForm, thinkTags, type CallForm } from './call-form.ts';

interface KnownForm {
  /** Texts that every template of this form writes, into the tools' declaration or into a call. */
  evidence: readonly string[];
  /** Whether its templates leave out calls. */
  hidden?: boolean;
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

/**
 * Harmony, the messages of gpt-oss: `<|channel|>commentary to=functions.NAME <|constrain|>json<|message|>{…}<|call|>`.
 */
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

/** functionary 3.2, in which every message names its recipient. */
const functionary: CallForm = {
  ...fallbackCallForm,
  callOpen: ['>>>'],
  name: { kind: 'plain', after: ['\n'] },
  callClose: '',
  separator: '',
  thought: null,
  content: { open: '>>>all\n', close: '' },
  begun: '>>>',
};

/** ATEM of Muse, in which every message names its recipient. */
const atem: CallForm = {
  ...fallbackCallForm,
  callOpen: ['<|start|>assistant to=', { fill: 'name' }, '<|message|><atem:function_calls>\n<atem:invoke name="'],
  name: { kind: 'plain', after: ['">\n'] },
  arguments: {
    kind: 'tagged',
    keyOpen: '<atem:parameter name="',
    valueOpen: '">',
    jsonValueOpen: null,
    valueClose: '</atem:parameter>\n',
    separator: '',
  },
  callClose: '</atem:invoke>\n</atem:function_calls>',
  separator: '<|eom|>',
  thought: { open: '<|start|>assistant to=self<|message|>', close: '<|eom|>' },
  content: { open: '<|start|>assistant to=user<|message|>', close: '<|eom|>' },
  begun: '<|start|>assistant',
};

/** MiniCPM 5, with texts as in XML. */
const functionParam: CallForm = {
  ...fallbackCallForm,
  callOpen: ['<function name="'],
  name: { kind: 'plain', after: ['">'] },
  arguments: {
    kind: 'tagged',
    keyOpen: '<param name="',
    valueOpen: '">',
    jsonValueOpen: null,
    valueClose: '</param>',
    separator: '',
    wrap: { open: '<![CDATA[', close: ']]>' },
  },
  callClose: '</function>',
};

/** Forms that cannot be learned from a template's calls, and the texts by which they are recognized. */
const knownForms: readonly KnownForm[] = [
  { evidence: ['<|start|>assistant', '<|channel|>', 'namespace functions'], form: harmonyForm },
  { evidence: ['<|im_system|>tool_declare<|im_middle|>'], form: { ...kimi, thought: thinkTags } },
  { evidence: ['<|tool_list_start|>'], form: pythonList },
  { evidence: ['<|tool_call_start|>[', '<|tool_call_end|>'], form: pythonList },
  { evidence: ['<|im_start|>system\nList of tools: [{"type": "function"'], hidden: true, form: pythonList },
  { evidence: ['<|start_of_role|>', '<|tool_call|>'], form: graniteList },
  { evidence: ['<|tool_call>call:', '<|"|>'], form: gemma },
  { evidence: ['>>>${recipient}\n${content}'], form: functionary },
  { evidence: ['<|start|>assistant', '<atem:function_calls>'], form: atem },
  { evidence: ['<function name="function-name"><param name="param-name">', '<![CDATA['], form: functionParam },
];

/** The form that this text of a template reveals, or null. `shown`: whether the template shows calls in any form. */
export function knownForm(text: string, shown = false): CallForm | null {
  const isIt = ({ evidence, hidden = false }: KnownForm) =>
    !(hidden && shown) && evidence.every((mark) => text.includes(mark));
  return knownForms.find(isIt)?.form ?? null;
}

/** All of them, each once. */
export const allKnownForms: readonly CallForm[] = [...new Set(knownForms.map(({ form }) => form))];
