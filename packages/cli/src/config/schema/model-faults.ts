import type { Issue } from '@headway/protocol';

/** Fields of local models alone, with what to do instead. */
const localOnly: Readonly<Record<string, string>> = {
  parallel: 'is for local models; give the upstreams concurrency instead',
  ttl: 'is for local models; remove it',
  chatTemplate: 'is for local models, since an upstream renders its own; remove it',
  chatTemplateFile: 'is for local models, since an upstream renders its own; remove it',
  threads: 'is for local models; remove it',
  kvType: 'is for local models; remove it',
  flashAttn: 'is for local models; remove it',
  batchSize: 'is for local models; remove it',
  gpuLayers: 'is for local models; remove it',
  mlock: 'is for local models; remove it',
};

/**
 * What the fields of the models contradict in each other. It reads the file as it is, so that these faults are reported
 * together with those of single fields.
 */
export function modelFaults(file: unknown): Issue[] {
  const models = isObject(file) && Array.isArray(file['models']) ? (file['models'] as unknown[]) : [];
  return models.flatMap((model, at) =>
    isObject(model) ? faultsOf(model).map((issue) => ({ ...issue, path: ['models', at, ...issue.path] })) : [],
  );
}

function faultsOf(model: Readonly<Record<string, unknown>>): Issue[] {
  const has = (name: string) => model[name] !== undefined;
  const issues: Issue[] = [];
  const fault = (path: Issue['path'], message: string) => void issues.push({ path, message });
  if (!has('file') && !has('upstreams'))
    fault([], 'has neither file nor upstreams; add file: ./model.gguf, or upstreams with a url each');
  if (has('file') && has('upstreams'))
    fault(['upstreams'], 'cannot be combined with file; make two models of it, or remove one');
  if (has('upstreams') && !has('file')) {
    if (!has('id')) fault(['id'], 'is missing; give the name by which clients ask for this model');
    for (const [name, message] of Object.entries(localOnly)) if (has(name)) fault([name], message);
  }
  if (has('chatTemplate') && has('chatTemplateFile'))
    fault(['chatTemplateFile'], 'cannot be combined with chatTemplate; remove one');
  const upstreams = Array.isArray(model['upstreams']) ? (model['upstreams'] as unknown[]) : [];
  for (const [at, upstream] of upstreams.entries()) {
    if (isObject(upstream) && upstream['keyEnv'] !== undefined && upstream['keyFile'] !== undefined)
      fault(['upstreams', at, 'keyFile'], 'cannot be combined with keyEnv; remove one');
  }
  return issues;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
