import type { Backend } from '../backend/backend.ts';
import type { LlamaOptions } from '../backends/llama/llama.ts';

/** A backend described as JSON, so that it can be sent to the process that opens it. */
export type BackendDescription =
  | { llama: LlamaOptions }
  | {
      /**
       * URL of a module, such as `import.meta.resolve('./my-backend.js')`. Its default export is a function from
       * `options` to a `Backend`.
       */
      module: string;
      /** Any JSON value. */
      options?: unknown;
    };

/** Creates the described backend. @throws whatever the module's function throws */
export async function openBackend(description: BackendDescription): Promise<Backend> {
  if ('llama' in description) {
    // Imported on demand, because importing node-llama-cpp takes long.
    const { llama } = await import('../backends/llama/llama.ts');
    return llama(description.llama);
  }
  const { default: create } = (await import(description.module)) as { default: (options: unknown) => Backend };
  return create(description.options);
}
