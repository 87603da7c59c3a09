/** The text that the user wrote into the prerendered box before this script ran. */
export const textBeforeStart =
  globalThis.document?.querySelector<HTMLTextAreaElement>('.first-content textarea')?.value ?? '';
