/** Packages that have sources, and which others each may import. */
export const packages = {
  protocol: { folder: 'packages/protocol/src', imports: [], only: { zod: 'schema' } },
  'json-grammar': { folder: 'packages/json-grammar/src', imports: ['protocol'] },
  engine: {
    folder: 'packages/engine/src',
    imports: ['protocol', 'json-grammar'],
    only: { 'node-llama-cpp': 'backends/llama' },
  },
  gateway: { folder: 'packages/gateway/src', imports: ['protocol', 'engine'] },
  client: { folder: 'packages/client/src', imports: ['protocol', 'gateway'] },
  cli: { folder: 'packages/cli/src', imports: ['protocol', 'engine', 'gateway', 'client', 'storyteller'] },
  demo: { folder: 'apps/demo/src', imports: ['protocol', 'client'] },
};

/** Layers of a folder, lowest first: each imports those below it alone. */
export const layers = {
  'packages/gateway/src': [
    ['sse', 'access'],
    ['progress', 'generations'],
    ['surface'],
    ['apis', 'trpc'],
    ['http'],
    ['start-gateway.ts'],
  ],
};

export const mostFiles = { flat: 12, except: {} };
