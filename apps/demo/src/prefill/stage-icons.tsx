import type { ReactNode } from 'react';

function StageIcon({ children }: { children: ReactNode }) {
  return (
    <svg
      width="30"
      height="30"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export function SendingIcon() {
  return (
    <StageIcon>
      <path d="M5 20h14M12 16V4M7 9l5-5 5 5" />
    </StageIcon>
  );
}

export function ClockIcon() {
  return (
    <StageIcon>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 7v5.2l3.4 2" />
    </StageIcon>
  );
}

/** A chip: the weights that go into memory. */
export function LoadIcon() {
  return (
    <StageIcon>
      <rect x="6.5" y="6.5" width="11" height="11" rx="2" />
      <path d="M10 3.5v3m4-3v3m-4 11v3m4-3v3M3.5 10h3m-3 4h3m11-4h3m-3 4h3" />
    </StageIcon>
  );
}
