import { parseGatewayUrl } from '@headway/client';
import { HeadwayError, isHeadwayError } from '@headway/protocol';

/**
 * Reads the option `--url`: a gateway's address, without a slash or `/v1` at its end.
 *
 * @throws HeadwayError `invalid-request`, naming the option
 */
export function readUrlOption(url: string): string {
  try {
    return parseGatewayUrl(url).base;
  } catch (thrown) {
    const [issue] = isHeadwayError(thrown) ? thrown.issues : [];
    if (!issue) throw thrown;
    throw new HeadwayError('invalid-request', `--url: ${issue.message}`, { cause: thrown });
  }
}
