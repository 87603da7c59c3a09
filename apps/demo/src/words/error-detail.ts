import type { ErrorEvent } from '@headway/client';

/** Fields of a request that the message makes; the settings make the others. */
const ofMessage = new Set<string | number>(['messages', 'spans', 'model', 'choices']);

/**
 * The text below an error's title: the reason and what to do. Some messages of the gateway name ids, grace times and URLs,
 * which mean nothing to the user of this page: those get a text of their own.
 */
export function errorDetail({ code, message, issues = [] }: Pick<ErrorEvent, 'code' | 'message' | 'issues'>): string {
  switch (code) {
    case 'generation-not-found':
      return 'The connection was lost for longer than the gateway keeps an answer, or the gateway restarted. The text so far stays here.';
    case 'abandoned':
      return 'The gateway stopped the answer, since no client was connected. The text so far stays here.';
    case 'connection-lost':
      return 'It did not answer in time. Check that it runs. Your message and the answer so far stay here.';
    case 'shutting-down':
      return 'It ended this answer. Once it runs again, send the message again. Your message and the answer so far stay here.';
    case 'engine-crashed':
      return `${asSentence(message)} Your message is not lost.`;
    case 'internal':
      // The same error may or may not occur again.
      return `${asSentence(message)} Your message is not lost. Another try may work or fail again; the gateway’s log has the details.`;
    case 'invalid-request':
      return issues.some(({ path }) => path.length > 0 && !ofMessage.has(path[0] ?? ''))
        ? `${asSentence(message)} Change it in the settings of this chat.`
        : asSentence(message);
    default:
      return asSentence(message);
  }
}

/** The gateway's messages begin with a small letter and end without a full stop, as log lines do. */
function asSentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}
