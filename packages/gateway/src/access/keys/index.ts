export { createApiKey, digestOf, ownerOf } from './api-key.ts';
export { isKeyName, readKeyFile, writeKeyFile } from './key-file.ts';
export { replaceFile } from './replace-file.ts';
