const counted = ['Timeout', 'TCPSocketWrap', 'TCPServerWrap', 'TCPConnectWrap', 'GetAddrInfoReqWrap'] as const;

/** Number of resources of each kind that keep a process alive. */
export type ActiveResources = Record<(typeof counted)[number], number>;

/** Counts the resources of each kind that keep this process alive. */
export function activeResources(): ActiveResources {
  const active = process.getActiveResourcesInfo();
  return Object.fromEntries(
    counted.map((kind) => [kind, active.filter((one) => one === kind).length]),
  ) as ActiveResources;
}

/**
 * The kinds of which there are more than `before`, after a wait: handles need some loop iterations after `close`. It waits
 * without a timer of its own.
 */
export async function leftOver(before: ActiveResources): Promise<string[]> {
  const leaked = () => {
    const now = activeResources();
    return counted.filter((kind) => now[kind] > before[kind]);
  };
  const start = performance.now();
  while (leaked().length > 0 && performance.now() - start < 3_000)
    await new Promise((resolve) => setImmediate(resolve));
  return leaked();
}
