/**
 * Whether an upstream gets requests. `round` counts how often the circuit opened: a request belongs to the round in which
 * it was placed, and says nothing about a later one.
 */
export type Circuit =
  /** All go. `failures`: those in a row. */
  | { state: 'closed'; round: number; failures: number }
  /** None goes. At `until` a check asks whether the upstream answers. `openMs` is the length of this pause. */
  | { state: 'open'; round: number; until: number; openMs: number }
  /** The upstream answered; one request at a time tries whether it works. */
  | { state: 'half-open'; round: number; openMs: number };

export type CircuitEvent =
  /** A prompt was read. */
  | { kind: 'read'; round: number }
  /** A request ended. */
  | { kind: 'ended'; round: number; ok: boolean }
  /** A check ended. */
  | { kind: 'checked'; ok: boolean };

export interface CircuitLimits {
  /** So many failures in a row open the circuit. */
  failures: number;
  /** The first pause, in ms; each further one doubles. */
  firstOpenMs: number;
  /** Longest pause, in ms, while the upstream answers checks and yet fails requests. */
  longestOpenMs: number;
  /** Longest pause, in ms, while it does not even answer checks. */
  checkEveryMs: number;
}

export const closedCircuit: Circuit = { state: 'closed', round: 0, failures: 0 };

/** The circuit after an event at the time `now`, in ms. */
export function nextCircuit(circuit: Circuit, event: CircuitEvent, now: number, limits: CircuitLimits): Circuit {
  switch (event.kind) {
    case 'checked':
      return event.ok ? answered(circuit) : unanswered(circuit, now, limits);
    case 'read':
      // One more failure opens it again.
      return isTrial(circuit, event.round) ? closed(circuit, limits.failures - 1) : circuit;
    case 'ended':
      if (event.round !== circuit.round || circuit.state === 'open') return circuit;
      return event.ok ? closed(circuit, 0) : failed(circuit, now, limits);
    default:
      return event satisfies never;
  }
}

function answered(circuit: Circuit): Circuit {
  if (circuit.state !== 'open') return circuit;
  const { round, openMs } = circuit;
  return { state: 'half-open', round, openMs };
}

function unanswered(circuit: Circuit, now: number, limits: CircuitLimits): Circuit {
  if (circuit.state !== 'open') return opened(circuit, now, Math.min(limits.firstOpenMs, limits.checkEveryMs));
  const openMs = Math.min(2 * circuit.openMs, Math.max(circuit.openMs, limits.checkEveryMs));
  return { ...circuit, openMs, until: now + Math.min(openMs, limits.checkEveryMs) };
}

function failed(circuit: Circuit, now: number, limits: CircuitLimits): Circuit {
  if (circuit.state === 'half-open') return opened(circuit, now, Math.min(2 * circuit.openMs, limits.longestOpenMs));
  const failures = circuit.state === 'closed' ? circuit.failures + 1 : 0;
  if (failures >= limits.failures) return opened(circuit, now, limits.firstOpenMs);
  return { state: 'closed', round: circuit.round, failures };
}

function opened({ round }: Circuit, now: number, openMs: number): Circuit {
  return { state: 'open', round: round + 1, openMs, until: now + openMs };
}

function closed({ round }: Circuit, failures: number): Circuit {
  return { state: 'closed', round, failures };
}

function isTrial(circuit: Circuit, round: number): boolean {
  return circuit.state === 'half-open' && circuit.round === round;
}
