import { fileURLToPath } from 'node:url';

/** Path of the GGUF file. */
export const storytellerPath = fileURLToPath(new URL('./storyteller.gguf', import.meta.url));
