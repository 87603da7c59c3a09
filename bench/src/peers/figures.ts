/** What a figure is called in tables, and which of two is the better one. */
export interface Figure {
  id: string;
  label: string;
  unit: 'ms' | 's' | 'tokens/s' | 'MiB';
  better: 'lower' | 'higher';
}

/** All figures in the order of the table. */
export function figuresOf(prefills: readonly number[], streams: readonly number[]): Figure[] {
  const ms = (id: string, label: string): Figure => ({ id, label, unit: 'ms', better: 'lower' });
  const count = (tokens: number) => tokens.toLocaleString('en');
  const together = (of: number) => (of === 1 ? 'one stream' : `${of} streams together`);
  return [
    ms('gap', 'worst gap between tokens while a long prompt is read'),
    ms('silence', 'longest silence before the first token of a long prompt'),
    ms('after cancel', 'after cancelling 4 long prompts: first token'),
    ms('first feedback of 8', '8 long prompts at once: slowest first feedback'),
    ms('first token, short', 'first token of a short prompt, alone'),
    ms('first token, beside writers', 'first token of a short prompt, beside 3 streams'),
    ms('first token, long', 'first token of a long prompt, alone'),
    ms('first token, beside a writer', 'first token of a long prompt, beside a stream'),
    ...prefills.map((tokens): Figure => ({
      id: `read ${tokens}`,
      label: `prefill of ${count(tokens)} tokens`,
      unit: 'tokens/s',
      better: 'higher',
    })),
    ...streams.map((of): Figure => ({ id: `write ${of}`, label: together(of), unit: 'tokens/s', better: 'higher' })),
    ...streams.map((of) => ms(`cpu ${of}`, `processor time a token, ${together(of)}`)),
    ...streams.map((of) => ms(`outside ${of}`, `of it outside llama.cpp, ${together(of)}`)),
    { id: 'memory', label: 'memory of all its processes, at the end', unit: 'MiB', better: 'lower' },
  ];
}
