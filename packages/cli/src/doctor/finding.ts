/** One result of the doctor's checks, in words for the user. */
export interface Finding {
  state: 'ok' | 'warning' | 'failure';
  what: string;
  /** What the user can do about a problem. */
  remedy?: string;
}

/** The findings about one subject. */
export interface Section<Facts extends object = object> {
  id: 'machine' | 'model' | 'gateway' | 'streams' | 'flags' | 'upstream';
  title: string;
  findings: Finding[];
  /** The same results as data, for `--json`. */
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
