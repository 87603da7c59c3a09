const keyRemedy = 'logs and errors would show; give the key by keyEnv or keyFile';

/**
 * What is wrong with an upstream's address, worded to follow the field's name; null if nothing is. It does not repeat the
 * address, which may hold a key.
 */
export function upstreamUrlFault(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    return 'must be an http or https address, like http://gpu1:8000/v1';
  if (url.username !== '' || url.password !== '') return `must not hold a user or a password, which ${keyRemedy}`;
  if (text.includes('?')) return `must not have a query ("?…"), which ${keyRemedy}`;
  if (text.includes('#')) return 'must not have a fragment ("#…"), which is never sent; remove it';
  return null;
}

/** The part of an upstream's address that people may see: a path may hold a key. */
export function shownUrl(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'an upstream';
}
