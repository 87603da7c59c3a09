import { timeToGo } from '../words/quantities.ts';
import { useSeconds } from './use-seconds.ts';

/** The seconds since `since`, in ms since 1970 (by default since it was mounted), with what they are. None before the first. */
export function WaitingTime({ since, what }: { since?: number | undefined; what: string }) {
  const seconds = useSeconds(since);
  if (seconds === 0) return null;
  return (
    <>
      <strong>{timeToGo(seconds * 1000)}</strong>
      <p>{what}</p>
    </>
  );
}
