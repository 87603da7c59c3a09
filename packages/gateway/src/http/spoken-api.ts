import type { IncomingHttpHeaders } from 'node:http';

/** What tells in which API's words a request is answered. */
export interface AskedPath {
  url?: string | undefined;
  headers: IncomingHttpHeaders;
}

type SpokenApi = 'anthropic' | 'openai' | 'native' | 'trpc';

/** The API that a request is of, by its path, those that are not there included; OpenAI's where nothing tells another. */
export function spokenApi(request: AskedPath): SpokenApi {
  const path = pathOf(request.url ?? '');
  if (isBelow(path, '/trpc')) return 'trpc';
  if (isBelow(path, '/v1/generations')) return 'native';
  return speaksAnthropic(request) ? 'anthropic' : 'openai';
}

/** Its own paths, and the models for clients that send the header which Anthropic's always send. */
export function speaksAnthropic({ url = '', headers }: AskedPath): boolean {
  const path = pathOf(url);
  return isBelow(path, '/v1/messages') || (isBelow(path, '/v1/models') && headers['anthropic-version'] !== undefined);
}

/** A URL without its query. */
export function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '';
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}
