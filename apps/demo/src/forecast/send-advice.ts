import type { TextDocument } from '../documents/text-document.ts';
import { overflowWords, tightWords, tooLargeWords } from './forecast-words.ts';
import type { PromptForecast } from './use-forecast.ts';

interface Sending {
  forecast: PromptForecast;
  documents: readonly TextDocument[];
  /** Files that are being read. */
  readings: readonly unknown[];
  /** Whether messages and answers come before this one. */
  hasHistory: boolean;
}

/**
 * What the user should know before sending: `advice` to show, and `refusal` if the message cannot be sent for certain. An
 * overflow by a guess refuses nothing, since only the server knows.
 */
export function sendAdvice({ forecast: { forecast, documentTokens }, documents, readings, hasHistory }: Sending): {
  advice: string | null;
  refusal: string | null;
} {
  const reading = readings.length > 0 ? 'The files are still being read.' : null;
  switch (forecast.state) {
    case 'none':
    case 'counting':
      return { advice: null, refusal: reading };
    case 'fits':
      return { advice: tightWords(forecast), refusal: reading };
    case 'over': {
      const counts = documents.map(({ id, name }) => ({ name, count: documentTokens.get(id) }));
      const advice = overflowWords(forecast, { documents: counts, hasHistory });
      return { advice, refusal: reading ?? (forecast.current && !forecast.guessed ? advice : null) };
    }
    case 'too-large': {
      const advice = tooLargeWords(forecast, hasHistory);
      return { advice, refusal: reading ?? advice };
    }
    default:
      return forecast satisfies never;
  }
}
