import { count } from '../words/quantities.ts';

/** The most characters that an opened document shows: enough to recognise it, and fast to draw. */
const shown = 20_000;

/** The beginning of a text that may be very long. */
export function CutText({ text }: { text: string }) {
  return (
    <div className="cut-text" tabIndex={0} role="group" aria-label="Text of the document">
      {text.slice(0, shown)}
      {text.length > shown && <em>{`\n\n… and ${count(text.length - shown)} more characters`}</em>}
    </div>
  );
}
