import type { Engine } from '@headway/engine';

/** The alias that matches every name. */
export const anyName = '*';

/** Models by their other names; `default` is the first model. `*` is any name that no model has. */
export type ModelAliases = Readonly<Record<string, string>>;

export interface AliasOptions {
  aliases: ModelAliases;
  /** The ids of the models. */
  ids: ReadonlySet<string>;
}

/** A list names the default model. */
export function readAliases(aliases: readonly string[] | ModelAliases): ModelAliases {
  return isList(aliases) ? Object.fromEntries(aliases.map((name) => [name, 'default'])) : aliases;
}

function isList(aliases: readonly string[] | ModelAliases): aliases is readonly string[] {
  return Array.isArray(aliases);
}

/** The engine's name for a model: that of an alias's model, any other name unchanged. */
export function resolveAlias(name: string, { aliases, ids }: AliasOptions): string {
  if (ids.has(name) || name === 'default') return name;
  return (Object.hasOwn(aliases, name) ? aliases[name] : aliases[anyName]) ?? name;
}

/** Wraps an engine so that aliases select their models. Closing the wrapper closes the engine. */
export function withAliases(engine: Engine, options: AliasOptions): Engine {
  if (Object.keys(options.aliases).length === 0) return engine;
  const resolved = <Input extends { model?: string | undefined }>(input: Input): Input =>
    input.model === undefined ? input : { ...input, model: resolveAlias(input.model, options) };
  return {
    generate: (input, generateOptions) => engine.generate(resolved(input), generateOptions),
    cancel: (id, reason, owner) => engine.cancel(id, reason, owner),
    cancelChoice: (id, index, owner) => engine.cancelChoice(id, index, owner),
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
