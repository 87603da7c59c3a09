/** Paths below `/v1` that people and clients write without it. */
const bare =
  /^\/(?:chat\/completions(?:\/input_tokens)?|completions|messages(?:\/count_tokens)?|(?:models|generations|responses)(?:\/.*)?)$/;

/** The URL of the route that a URL means: `/v1` may be left out, and may have come twice, from a base URL that has it. */
export function typedPath(url: string): string {
  const [path = '', ...query] = url.split('?');
  const rest = query.length > 0 ? `?${query.join('?')}` : '';
  if (bare.test(path)) return `/v1${path}${rest}`;
  return path.startsWith('/v1/v1/') ? path.slice('/v1'.length) + rest : url;
}
