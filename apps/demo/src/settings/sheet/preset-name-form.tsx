import { useId, useState } from 'react';

interface PresetNameFormProps {
  label: string;
  /** The button's word. */
  action: string;
  value: string;
  disabled?: boolean;
  faultOf: (name: string) => string | null;
  /** What the action does with a name, where that needs telling. */
  noteOf?: (name: string) => string | null;
  onName: (name: string) => void;
  onCancel?: () => void;
}

/** A box for the name of a preset. */
export function PresetNameForm(props: PresetNameFormProps) {
  const { label, action, value, disabled = false, faultOf, noteOf, onName, onCancel } = props;
  const [name, setName] = useState(value);
  const [tried, setTried] = useState(false);
  const id = useId();
  const fault = tried ? faultOf(name) : null;
  const note = fault ?? noteOf?.(name) ?? null;
  return (
    <form
      className="sheet-field preset-form"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (faultOf(name) !== null) return;
        onName(name.trim());
        setName(value);
        setTried(false);
      }}
    >
      <div className="sheet-label">
        <label htmlFor={id}>{label}</label>
      </div>
      <div className="preset-row">
        <input
          id={id}
          type="text"
          value={name}
          placeholder="Name"
          autoComplete="off"
          autoFocus={onCancel !== undefined}
          aria-invalid={fault !== null}
          aria-describedby={note === null ? undefined : `${id}-note`}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" className="text-button" disabled={disabled}>
          {action}
        </button>
        {onCancel && (
          <button type="button" className="text-button" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
      {note !== null && (
        <p className={fault === null ? 'setting-hint' : 'sheet-fault'} id={`${id}-note`} role="status">
          {note}
        </p>
      )}
    </form>
  );
}
