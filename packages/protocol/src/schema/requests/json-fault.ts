/** The most levels of nesting: recursion over deeper values could exhaust the stack. */
const maxDepth = 64;

/** Why a value cannot be sent as JSON, or null. It does not recurse, since the value may be too deep for that. */
export function jsonFault(root: unknown): string | null {
  let level = [root];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) return `is nested deeper than ${maxDepth} levels`;
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'object' && value !== null) {
        for (const child of Object.values(value)) next.push(child);
      } else if (!isJsonScalar(value)) {
        return 'is not JSON';
      }
    }
    level = next;
  }
  return null;
}

function isJsonScalar(value: unknown): boolean {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
}
