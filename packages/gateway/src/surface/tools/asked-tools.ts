import { HeadwayError, isHeadwayError } from '@headway/protocol';

import { isHosted, type HostedTool } from './hosted-tool.ts';

/** What a request's tools became. */
export interface AskedTools {
  /** What was left out, by its type. */
  leftOut: readonly string[];
  /** Where each tool that the model is told of stands in the request: `tools[2]`. */
  places: readonly string[];
}

export interface AskedToolsOptions<Tool> {
  /** What else was left out. */
  others?: readonly string[];
  /** Which tools the model is told of. @default all that are not hosted */
  keeps?: (tool: Tool) => boolean;
}

/** Hosted tools are left out. */
export function askedTools<Tool extends object>(
  tools: readonly (Tool | HostedTool)[] | null | undefined,
  { others = [], keeps = () => true }: AskedToolsOptions<Tool> = {},
): AskedTools {
  const places = (tools ?? []).flatMap((tool, at) => (isHosted(tool) || !keeps(tool) ? [] : [`tools[${at}]`]));
  const hosted = (tools ?? []).flatMap((tool) => (isHosted(tool) ? [tool.hosted] : []));
  return { leftOut: [...new Set([...hosted, ...others])], places };
}

/**
 * Calls the tools in what is refused by their places in the request: the engine knows those alone that it was told of.
 *
 * @throws what `run` throws, or the same error in other words
 */
export async function inRequestPlaces<Result>(
  { places }: AskedTools,
  run: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (thrown) {
    if (!isHeadwayError(thrown) || thrown.code !== 'invalid-request') throw thrown;
    const message = thrown.message.replace(
      /(?<=^|; )tools\[(\d+)\]/g,
      (here, at: string) => places[Number(at)] ?? here,
    );
    throw message === thrown.message ? thrown : new HeadwayError(thrown.code, message, { cause: thrown.cause });
  }
}
