import type { ErrorEvent } from '@headway/client';

/**
 * What is known of an error, and what to do about it, below its title. Messages of the wire name what programs know: ids,
 * grace times, URLs. Where a reader of this page knows none of them, it has its own words.
 */
export function errorDetail({ code, message }: Pick<ErrorEvent, 'code' | 'message'>): string {
  switch (code) {
    case 'generation-not-found':
      return 'The connection was gone for longer than the gateway keeps an answer, or it was started anew. What came before is kept here.';
    case 'abandoned':
      return 'The gateway stopped the answer, since nobody read it. What came before is kept here.';
    case 'connection-lost':
      return 'It did not answer for too long. Is it running? Your message, and what came of the answer, are kept here.';
    case 'internal':
      // Nobody knows whether the same thing happens again.
      return `${asSentence(message)} Your message is not lost. It may work another time, or not; the gateway’s log says more.`;
    default:
      return asSentence(message);
  }
}

/** Messages of the wire begin small and end open, as log lines do. */
function asSentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
