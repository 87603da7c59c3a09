import type { Engine } from '@headway/engine';

/** The alias that matches every name. */
export const anyName = '*';

export interface AliasOptions {
  /** Other names of the default model. `*` matches any name that no model has. */
  aliases: readonly string[];
  /** The ids of the models. */
  ids: ReadonlySet<string>;
}

/** The engine's name for a model: `default` for an alias, any other name unchanged. */
export function resolveAlias(name: string, { aliases, ids }: AliasOptions): string {
  if (ids.has(name)) return name;
  return aliases.includes(name) || aliases.includes(anyName) ? 'default' : name;
}

/** Wraps an engine so that aliases select its default model. Closing the wrapper closes the engine. */
export function withAliases(engine: Engine, options: AliasOptions): Engine {
  if (options.aliases.length === 0) return engine;
  const resolved = <Input extends { model?: string | undefined }>(input: Input): Input =>
    input.model === undefined ? input : { ...input, model: resolveAlias(input.model, options) };
  return {
    generate: (input, generateOptions) => engine.generate(resolved(input), generateOptions),
    cancel: (id, reason, owner) => engine.cancel(id, reason, owner),
    estimate: (input, estimateOptions) => engine.estimate(resolved(input), estimateOptions),
    applyTemplate: (input) => engine.applyTemplate(resolved(input)),
    tokenize: (input, options) => engine.tokenize(resolved(input), options),
    detokenize: (input) => engine.detokenize(resolved(input)),
    models: () => engine.models(),
    activity: () => engine.activity(),
    ready: () => engine.ready(),
    close: () => engine.close(),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}
