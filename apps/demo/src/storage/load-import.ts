/** Loads what reads exported files, which only an import needs. */
export async function loadImport() {
  // Before any schema is made.
  await import('./zod-without-eval.ts');
  return import('./import-conversations.ts');
}
