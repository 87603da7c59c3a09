/** Loads a module that makes zod schemas, after zod is told not to compile them. */
export async function loadSchemas<Module>(load: () => Promise<Module>): Promise<Module> {
  await import('./zod-without-eval.ts');
  return load();
}
