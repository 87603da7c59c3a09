import stringWidth from 'string-width';

/** Styles a text for a terminal: adds escape sequences around it and changes nothing in it. */
export type Paint = (text: string) => string;

/** A text in one style. */
export interface Run {
  text: string;
  paint: Paint;
}

export const asIs: Paint = (text) => text;

/** Joins runs to one text; neighbours in the same style share their escape sequences. */
export function joinRuns(runs: readonly Run[]): string {
  let joined = '';
  let text = '';
  let paint = asIs;
  const flush = () => {
    if (text !== '') joined += paint(text);
    text = '';
  };
  for (const run of runs) {
    if (run.paint !== paint) flush();
    paint = run.paint;
    text += run.text;
  }
  flush();
  return joined;
}

/** The columns that runs take in a terminal. */
export function runsWidth(runs: readonly Run[]): number {
  return runs.reduce((width, { text }) => width + stringWidth(text), 0);
}
