export interface MemberCandidate {
  /** Prompt tokens that it has yet to read. */
  outstanding: number;
  /** Tokens of the prompt's beginning that it has read lately. */
  saved: number;
  /** Share of its places that are taken, 0 to 1. */
  load: number;
  /** Sequence number of the last request that it got; lower is longer ago. */
  lastUsed: number;
}

/**
 * The index of the upstream that takes a prompt; -1 when there is none. It is the one with the fewest tokens to read
 * until this prompt is read: what others wait for, less what it saves here. So the upstream that knows the prompt's
 * beginning is preferred until more tokens wait there, beyond those at another, than it saves. Equal ones: the one that
 * saves most, then the emptier one, then the one that got no request for longest.
 */
export function chooseMember(candidates: readonly MemberCandidate[]): number {
  let best = -1;
  candidates.forEach((candidate, at) => {
    const other = candidates[best];
    if (!other || compare(candidate, other) < 0) best = at;
  });
  return best;
}

function compare(a: MemberCandidate, b: MemberCandidate): number {
  return (
    a.outstanding - a.saved - (b.outstanding - b.saved) ||
    b.saved - a.saved ||
    a.load - b.load ||
    a.lastUsed - b.lastUsed
  );
}
