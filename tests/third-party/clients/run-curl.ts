import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

export interface CurlAnswer {
  status: number;
  headers: ReadonlyMap<string, string>;
  body: string;
}

/**
 * Runs the real curl, and returns the bytes that it received.
 *
 * @throws Error when it cannot be run, and for every exit code of it but 0
 */
export async function curl(url: string, ...args: string[]): Promise<CurlAnswer> {
  const child = spawn(
    'curl',
    ['--silent', '--show-error', '--no-buffer', '--max-time', '45', '--include', ...args, url],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [code, output, errors] = await Promise.all([
    new Promise<number | null>((resolve, reject) => {
      child.once('error', (cause) => reject(new Error('curl cannot be run; install it', { cause })));
      child.once('close', resolve);
    }),
    text(child.stdout),
    text(child.stderr),
  ]);
  if (code !== 0) throw new Error(`curl failed with ${code}: ${errors}`);
  const end = output.indexOf('\r\n\r\n');
  const [first = '', ...lines] = output.slice(0, end).split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { status: Number(first.split(' ')[1]), headers: new Map(headers), body: output.slice(end + 4) };
}

/** The curl arguments for headers. */
export function headerArgs(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
}

/** The curl arguments for a POST of JSON. */
export function jsonArgs(body: object, headers: Readonly<Record<string, string>> = {}): string[] {
  return [...headerArgs({ 'content-type': 'application/json', ...headers }), '-d', JSON.stringify(body)];
}
