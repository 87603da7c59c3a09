import { fileURLToPath } from 'node:url';

/** Path of the model that comes with Headway. */
export function embeddedModel(): string {
  return fileURLToPath(import.meta.resolve('@headway/storyteller/storyteller.gguf'));
}
