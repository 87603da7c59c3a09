import { expect } from 'vitest';

const counted = ['Timeout', 'TCPSocketWrap', 'TCPServerWrap', 'TCPConnectWrap', 'GetAddrInfoReqWrap'] as const;

/** How many of each kind keep a process alive. */
export type ActiveResources = Record<(typeof counted)[number], number>;

/** How many things of each kind keep this process alive. */
export function activeResources(): ActiveResources {
  const active = process.getActiveResourcesInfo();
  return Object.fromEntries(
    counted.map((kind) => [kind, active.filter((one) => one === kind).length]),
  ) as ActiveResources;
}

/** Waits, without a timer of its own, until nothing more than `before` is left: handles go some turns after `close`. */
export async function expectNoMoreThan(before: ActiveResources): Promise<void> {
  const leaked = () => {
    const now = activeResources();
    return counted.filter((kind) => now[kind] > before[kind]);
  };
  const start = performance.now();
  while (leaked().length > 0 && performance.now() - start < 3_000)
    await new Promise((resolve) => setImmediate(resolve));
  expect(leaked()).toEqual([]);
}
