/** Which of llama.cpp's binaries may be used. */
export type BinaryChoice = 'auto' | 'prebuilt';

/** Whether the environment forbids builds: `HEADWAY_PREBUILT` has any value but '' and '0'. */
export function forbidsBuilds(): boolean {
  return !['', '0'].includes(process.env['HEADWAY_PREBUILT'] ?? '');
}

/** What `binary` is without an answer of the caller's. */
export function defaultBinary(): BinaryChoice {
  return forbidsBuilds() ? 'prebuilt' : 'auto';
}
