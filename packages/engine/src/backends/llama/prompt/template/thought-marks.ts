/** The marks around a model's thought. */
export interface ThoughtMarks {
  open: string;
  close: string;
}

/** Marks of published models; a template uses a pair if it contains both. */
const known: readonly ThoughtMarks[] = [
  { open: '<think>', close: '</think>' },
  { open: '<|START_THINKING|>', close: '<|END_THINKING|>' },
  { open: '<seed:think>', close: '</seed:think>' },
  { open: '[THINK]', close: '[/THINK]' },
  { open: '<|inner_prefix|>', close: '<|inner_suffix|>' },
  { open: '<|channel>thought', close: '<channel|>' },
  { open: '<thinking>', close: '</thinking>' },
  { open: '<thought>', close: '</thought>' },
];

/** Null when the template has none. */
export function thoughtMarks(source: string): ThoughtMarks | null {
  return known.find(({ open, close }) => source.includes(close) && source.includes(open)) ?? null;
}

/** Whether a rendered prompt ends with an open thought, or right after a closed one. */
export function thoughtAtEnd(rendered: string, marks: ThoughtMarks | null): 'opened' | 'closed' | null {
  if (!marks) return null;
  const text = rendered.trimEnd();
  if (text.endsWith(marks.open.trim())) return 'opened';
  return text.endsWith(marks.close.trim()) ? 'closed' : null;
}
