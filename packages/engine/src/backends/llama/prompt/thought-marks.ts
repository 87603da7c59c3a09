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

/** Whether a rendered prompt ends in a thought that it has opened, so that the answer begins in it. */
export function endsInThought(rendered: string, marks: ThoughtMarks | null): boolean {
  if (!marks) return false;
  const open = rendered.lastIndexOf(marks.open);
  return open >= 0 && rendered.slice(open + marks.open.length).trim() === '';
}
