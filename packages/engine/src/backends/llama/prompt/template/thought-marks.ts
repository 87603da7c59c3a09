/** The words between which a model thinks. */
export interface ThoughtMarks {
  open: string;
  close: string;
}

/** In use by published models; each is taken where a template writes both. */
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

/** Null when the template knows of none. */
export function thoughtMarks(source: string): ThoughtMarks | null {
  return known.find(({ open, close }) => source.includes(close) && source.includes(open)) ?? null;
}

/** Whether a rendered prompt ends in a thought that it has opened, or behind one that it has closed. */
export function thoughtAtEnd(rendered: string, marks: ThoughtMarks | null): 'opened' | 'closed' | null {
  if (!marks) return null;
  const text = rendered.trimEnd();
  if (text.endsWith(marks.open.trim())) return 'opened';
  return text.endsWith(marks.close.trim()) ? 'closed' : null;
}
