import { useId } from 'react';

interface FieldProps {
  label: string;
  /** Tells fields of the same label apart for screen readers: `Name` of `weather`. */
  of?: string;
  hint: string;
  placeholder: string;
  /** Lines of a text; a single line without it. */
  rows?: number;
  /** JSON and the like. */
  code?: boolean;
  inputMode?: 'decimal';
  /** Whether a button empties it. @default true */
  resets?: boolean;
  value: string;
  /** What is wrong and how to mend it, in a sentence. */
  fault: string | undefined;
  onChange: (value: string) => void;
}

/** A setting as text, with its default in place of an empty one, and what is wrong with it below. */
export function Field(props: FieldProps) {
  const { label, of, hint, placeholder, rows, code = false, inputMode, resets = true, value, fault, onChange } = props;
  const id = useId();
  const attributes = {
    id,
    value,
    placeholder,
    autoComplete: 'off',
    spellCheck: !code && rows !== undefined,
    'data-code': code || undefined,
    'aria-invalid': fault !== undefined,
    'aria-describedby': fault === undefined ? `${id}-hint` : `${id}-fault ${id}-hint`,
  };
  const whose = of === undefined ? null : <span className="visually-hidden">{` of ${of}`}</span>;
  return (
    <div className="sheet-field">
      <div className="sheet-label">
        <label htmlFor={id}>
          {label}
          {whose}
        </label>
        {resets && value !== '' && (
          <button type="button" className="more-button" onClick={() => onChange('')}>
            Reset<span className="visually-hidden"> {label}</span>
            {whose}
          </button>
        )}
      </div>
      {rows === undefined ? (
        <input
          {...attributes}
          type="text"
          inputMode={inputMode}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      ) : (
        <textarea {...attributes} rows={rows} onChange={(event) => onChange(event.currentTarget.value)} />
      )}
      {fault !== undefined && (
        <p className="sheet-fault" id={`${id}-fault`}>
          {fault}
        </p>
      )}
      <p className="setting-hint" id={`${id}-hint`}>
        {hint}
      </p>
    </div>
  );
}
