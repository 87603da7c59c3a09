import type { Backend } from '../backend/backend.ts';
import type { LlamaOptions } from '../backends/llama/llama.ts';

/** A backend in plain words, which can cross to the process that opens it. */
export type BackendDescription =
  | { llama: LlamaOptions }
  | {
      /**
       * Address of a module, such as `import.meta.resolve('./my-backend.js')`, whose default export makes a backend
       * of the options.
       */
      module: string;
      /** Anything that JSON can carry. */
      options?: unknown;
    };

/** Makes the backend that was described. @throws HeadwayError what the module's function throws */
export async function openBackend(description: BackendDescription): Promise<Backend> {
  if ('llama' in description) {
    // node-llama-cpp takes its time to come in: only where it is needed.
    const { llama } = await import('../backends/llama/llama.ts');
    return llama(description.llama);
  }
  const { default: create } = (await import(description.module)) as { default: (options: unknown) => Backend };
  return create(description.options);
}
