import type { CSSProperties } from 'react';

const places = 8;

/** A mark that moves by one place with the events that arrive, and with nothing else. `beat` counts them. */
export function Heartbeat({ beat }: { beat: number }) {
  const place = beat % places;
  return (
    <span
      className="heartbeat"
      aria-hidden="true"
      title="Moves with each message of the gateway"
      data-beat={beat}
      style={{ '--places': places, '--beat': place } as CSSProperties}
    />
  );
}
