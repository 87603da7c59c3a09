import { useEffect, useId, useRef, useState, type ReactNode } from 'react';

interface PopoverProps {
  /** The accessible name of the button and of its panel. */
  label: string;
  className: string;
  side: 'above' | 'below';
  button: ReactNode;
  children: ReactNode;
}

/** A button that opens a small panel. Esc and a press outside close it. */
export function Popover({ label, className, side, button, children }: PopoverProps) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const root = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!open) return;
    const listening = new AbortController();
    const { signal } = listening;
    document.addEventListener(
      'pointerdown',
      (event) => {
        if (!(event.target instanceof Node && root.current?.contains(event.target))) setOpen(false);
      },
      { signal },
    );
    document.addEventListener(
      'keydown',
      (event) => {
        if (event.key !== 'Escape') return;
        // The first Esc closes the panel, the second stops the answer.
        event.stopPropagation();
        setOpen(false);
        root.current?.querySelector('button')?.focus();
      },
      { signal, capture: true },
    );
    return () => listening.abort();
  }, [open]);

  return (
    <div className="popover" ref={root}>
      <button
        type="button"
        className={className}
        aria-label={label}
        title={label}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        {button}
      </button>
      {open && (
        <div id={id} className="popover-panel" data-side={side} role="group" aria-label={label}>
          {children}
        </div>
      )}
    </div>
  );
}
