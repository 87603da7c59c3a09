import type { IncomingHttpHeaders } from 'node:http';

/** The parts of a request that show which API it is for. */
export interface RequestAddress {
  url?: string | undefined;
  headers: IncomingHttpHeaders;
}

/** The path of a URL, without its query. */
export function pathOf(url = ''): string {
  return url.split('?', 1)[0] ?? '';
}

/** Whether a request's path is `root` or below it. */
export function isBelow({ url }: RequestAddress, root: string): boolean {
  const path = pathOf(url);
  return path === root || path.startsWith(`${root}/`);
}
