/** A progress dialect, and the headers and fields that request it. */
export interface ProgressDialect {
  /** For the table's heading. */
  name: string;
  headers: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
}

export const progressDialects = {
  silent: { name: 'silent', headers: {}, body: {} },
  return_progress: { name: 'return_progress', headers: {}, body: { return_progress: true } },
  named: { name: 'named', headers: { 'X-Headway-Progress': 'named' }, body: {} },
  comment: { name: 'comment', headers: { 'X-Headway-Progress': 'comment' }, body: {} },
  swiftlm: { name: 'SwiftLM', headers: { 'X-SwiftLM-Prefill-Progress': '1' }, body: {} },
} as const satisfies Record<string, ProgressDialect>;

export type ProgressDialectId = keyof typeof progressDialects;

export const progressDialectIds = Object.keys(progressDialects) as ProgressDialectId[];
