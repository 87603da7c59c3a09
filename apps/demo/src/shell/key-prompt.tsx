import { useState, type FormEvent } from 'react';

interface KeyPromptProps {
  /** Whether the gateway refused the last key. */
  refused: boolean;
  onKey: (key: string) => void;
}

/** Asks the user for the gateway's API key. */
export function KeyPrompt({ refused, onKey }: KeyPromptProps) {
  const [key, setKey] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() !== '') onKey(key.trim());
  };
  return (
    <form className="key-prompt" aria-labelledby="key-title" onSubmit={submit}>
      <h2 id="key-title">This gateway needs a key</h2>
      <p>Ask its operator for one. It stays in this tab and goes only to this gateway.</p>
      <label htmlFor="api-key">Key</label>
      <div className="key-row">
        <input
          id="api-key"
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={key}
          aria-invalid={refused}
          aria-describedby={refused ? 'key-refused' : undefined}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <button type="submit" disabled={key.trim() === ''}>
          Use it
        </button>
      </div>
      {refused && (
        <p id="key-refused" className="key-refused" role="alert">
          The gateway does not know this key. Check that it is complete.
        </p>
      )}
    </form>
  );
}
