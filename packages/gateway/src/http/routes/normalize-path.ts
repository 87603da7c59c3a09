/** Paths below `/v1` that also work without `/v1`. */
const bare =
  /^\/(?:chat\/completions(?:\/input_tokens)?|completions|messages(?:\/count_tokens)?|(?:models|generations|responses)(?:\/.*)?)$/;

/** Adds a missing `/v1` to a URL, and removes a second one, which comes from a base URL that ends in `/v1`. */
export function normalizePath(url: string): string {
  const [path = '', ...query] = url.split('?');
  const rest = query.length > 0 ? `?${query.join('?')}` : '';
  if (bare.test(path)) return `/v1${path}${rest}`;
  return path.startsWith('/v1/v1/') ? path.slice('/v1'.length) + rest : url;
}
