const again = 'send the request again';
const trust = 'whoever runs the gateway must start it with NODE_EXTRA_CA_CERTS set to the file of its authority';
const noTls = 'the upstream does not speak TLS as its address says; check whether it begins with http:// or https://';
const noHttp = 'the upstream does not speak HTTP; check its address, and whether it begins with http:// or https://';

const troubles: Readonly<Record<string, string>> = {
  ECONNREFUSED: `the upstream refuses connections; ${again}`,
  ECONNRESET: `the upstream closed the connection; ${again}`,
  EPIPE: `the upstream closed the connection; ${again}`,
  UND_ERR_SOCKET: `the upstream closed the connection; ${again}`,
  UND_ERR_CONNECT_TIMEOUT: `the upstream did not accept a connection in 10 s; ${again}`,
  ENOTFOUND: `the upstream's host name is not known; ${again}`,
  EAI_AGAIN: `the upstream's host name cannot be looked up now; ${again}`,
  EHOSTUNREACH: `the upstream's host cannot be reached; ${again}`,
  ENETUNREACH: `the upstream's network cannot be reached; ${again}`,
  ETIMEDOUT: `the upstream did not answer in time; ${again}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: `the upstream's certificate is self-signed; ${trust}`,
  SELF_SIGNED_CERT_IN_CHAIN: `the authority of the upstream's certificate is not trusted; ${trust}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `the authority of the upstream's certificate is not known; ${trust}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `the authority of the upstream's certificate is not known; ${trust}`,
  CERT_HAS_EXPIRED: "the upstream's certificate has expired; whoever runs the upstream must renew it",
  CERT_NOT_YET_VALID: "the upstream's certificate is not valid yet; check the clocks of both machines",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the upstream's certificate is for another host name; whoever runs the gateway must use that name in its address",
  EPROTO: noTls,
  UND_ERR_INVALID_ARG: 'the request cannot be written as HTTP; whoever runs the gateway must check the key',
  UND_ERR_HEADERS_OVERFLOW: 'the upstream sent headers that are too long to read; check its address',
};

/**
 * What broke a connection, or kept the answer from being read, and the remedy. Names no address: it is for clients.
 * OpenSSL's codes begin with `ERR_SSL_`, those of Node's reader of HTTP with `HPE_`.
 */
export function connectionTrouble(thrown: unknown): string {
  const code = codeOf(thrown);
  // undici gives its reader's errors no code.
  if (code?.startsWith('HPE_') || (thrown instanceof Error && thrown.name === 'HTTPParserError')) {
    // It spoke HTTP until its answer broke off.
    const cut = thrown instanceof Error && /\bEOF\b/.test(thrown.message);
    return cut ? `the upstream closed the connection; ${again}` : noHttp;
  }
  if (code?.startsWith('ERR_SSL_')) return noTls;
  if (code === undefined && isProgramming(thrown)) {
    return `the upstream sent an answer that cannot be read; ${again}`;
  }
  return troubles[code ?? ''] ?? `the connection to the upstream broke; ${again}`;
}

/** A reader met a value that it does not expect. */
function isProgramming(thrown: unknown): boolean {
  return (
    thrown instanceof TypeError ||
    thrown instanceof RangeError ||
    thrown instanceof ReferenceError ||
    thrown instanceof SyntaxError
  );
}

function codeOf(thrown: unknown): string | undefined {
  for (let at = thrown, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    if (at instanceof AggregateError && at.errors[0]) return codeOf(at.errors[0]);
  }
  return undefined;
}
