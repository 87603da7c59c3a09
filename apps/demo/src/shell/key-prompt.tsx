import { useState, type FormEvent } from 'react';

interface KeyPromptProps {
  /** A key was given, and the gateway does not know it. */
  refused: boolean;
  onKey: (key: string) => void;
}

/** Asks for the key that the gateway asks for. */
export function KeyPrompt({ refused, onKey }: KeyPromptProps) {
  const [key, setKey] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() !== '') onKey(key.trim());
  };
  return (
    <form className="key-prompt" aria-labelledby="key-title" onSubmit={submit}>
      <h2 id="key-title">This gateway asks for a key</h2>
      <p>Whoever runs it has one for you. It stays in this tab and goes to this gateway alone.</p>
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
          The gateway does not know this key. Is it whole?
        </p>
      )}
    </form>
  );
}
