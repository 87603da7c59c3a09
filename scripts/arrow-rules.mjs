/**
 * The packages with sources: the packages that each may import, those of which it may import types alone (`typesOf`), and
 * the folder (`only`) that alone may import a library.
 */
export const packages = {
  protocol: { folder: 'packages/protocol/src', imports: [], only: { zod: 'schema' } },
  'json-grammar': { folder: 'packages/json-grammar/src', imports: ['protocol'] },
  engine: {
    folder: 'packages/engine/src',
    imports: ['protocol', 'json-grammar'],
    only: { 'node-llama-cpp': 'backends/llama' },
  },
  gateway: { folder: 'packages/gateway/src', imports: ['protocol', 'engine'] },
  client: { folder: 'packages/client/src', imports: ['protocol', 'gateway'], typesOf: ['gateway'] },
  cli: {
    folder: 'packages/cli/src',
    imports: ['protocol', 'engine', 'gateway', 'client', 'storyteller'],
    only: { zod: 'config/schema', leven: 'config/schema', yaml: 'config/source', jiti: 'config/source' },
  },
  demo: { folder: 'apps/demo/src', imports: ['protocol', 'client'] },
};

/** Layers of a folder, lowest first. Each layer imports only lower ones. */
export const layers = {
  'packages/gateway/src': [
    ['sse', 'access'],
    ['activity'],
    ['progress', 'generations'],
    ['surface'],
    ['apis', 'trpc'],
    ['http'],
    ['start-gateway.ts'],
  ],
};

/** Most source files directly in one folder. */
export const mostFiles = 12;
