/** What was found, in words for a person. */
export interface Finding {
  state: 'ok' | 'warning' | 'failure';
  what: string;
  /** What to do about it, with each problem that somebody can do something about. */
  remedy?: string;
}

/** What was found of one thing. */
export interface Section<Facts extends object = object> {
  id: 'machine' | 'model' | 'gateway' | 'streams';
  title: string;
  findings: Finding[];
  /** The same for programs. */
  facts: Facts;
}

export const ok = (what: string): Finding => ({ state: 'ok', what });

export const warning = (what: string, remedy?: string): Finding => ({
  state: 'warning',
  what,
  ...(remedy && { remedy }),
});

export const failure = (what: string, remedy?: string): Finding => ({
  state: 'failure',
  what,
  ...(remedy && { remedy }),
});
