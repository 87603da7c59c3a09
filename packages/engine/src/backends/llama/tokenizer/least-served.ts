/** The waiting account that has used least; null when none waits. Among equals the first one wins. */
export function leastServed<Account extends { spent: number; waiting: readonly unknown[] }>(
  accounts: Iterable<Account>,
): Account | null {
  let least: Account | null = null;
  for (const account of accounts) {
    if (account.waiting.length > 0 && (least === null || account.spent < least.spent)) least = account;
  }
  return least;
}
