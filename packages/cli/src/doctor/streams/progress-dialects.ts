/** A way to ask to be told of the prompt. */
export interface ProgressMode {
  /** In a heading. */
  name: string;
  headers: Readonly<Record<string, string>>;
  body: Readonly<Record<string, unknown>>;
}

export const progressModes = {
  silent: { name: 'silent', headers: {}, body: {} },
  return_progress: { name: 'return_progress', headers: {}, body: { return_progress: true } },
  named: { name: 'named', headers: { 'X-Headway-Progress': 'named' }, body: {} },
  comment: { name: 'comment', headers: { 'X-Headway-Progress': 'comment' }, body: {} },
  swiftlm: { name: 'SwiftLM', headers: { 'X-SwiftLM-Prefill-Progress': '1' }, body: {} },
} as const satisfies Record<string, ProgressMode>;

export type ProgressModeId = keyof typeof progressModes;

export const progressModeIds = Object.keys(progressModes) as ProgressModeId[];
