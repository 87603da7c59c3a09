import type { ReactNode } from 'react';

function Icon({ size = 18, children }: { size?: number; children: ReactNode }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.9"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export function SendIcon() {
  return (
    <Icon>
      <path d="M12 19V5M5.5 11.5 12 5l6.5 6.5" />
    </Icon>
  );
}

export function StopIcon() {
  return (
    <Icon size={16}>
      <rect x="5" y="5" width="14" height="14" rx="3" fill="currentColor" stroke="none" />
    </Icon>
  );
}

export function NewChatIcon() {
  return (
    <Icon>
      <path d="M12 4H7a3 3 0 0 0-3 3v10a3 3 0 0 0 3 3h10a3 3 0 0 0 3-3v-5" />
      <path d="m10 14 .6-2.7 7.6-7.6a1.5 1.5 0 0 1 2.1 2.1l-7.6 7.6z" />
    </Icon>
  );
}

export function AttachIcon() {
  return (
    <Icon>
      <path d="m20 11-8.3 8.3a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.3 8.3a1.8 1.8 0 0 1-2.5-2.5L14.6 7" />
    </Icon>
  );
}

export function FolderIcon() {
  return (
    <Icon>
      <path d="M3.5 18V6.5A1.5 1.5 0 0 1 5 5h4l2.5 2.5H19A1.5 1.5 0 0 1 20.5 9v9a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 18Z" />
    </Icon>
  );
}

export function SettingsIcon() {
  return (
    <Icon>
      <path d="M4 8h9m5 0h2M4 16h2m5 0h9" />
      <circle cx="15.5" cy="8" r="2.4" />
      <circle cx="8.5" cy="16" r="2.4" />
    </Icon>
  );
}

export function SunIcon() {
  return (
    <Icon>
      <circle cx="12" cy="12" r="4" />
      <path d="M12 2.5v2m0 15v2M2.5 12h2m15 0h2M5.3 5.3l1.4 1.4m10.6 10.6 1.4 1.4m0-13.4-1.4 1.4M6.7 17.3l-1.4 1.4" />
    </Icon>
  );
}

export function MoonIcon() {
  return (
    <Icon>
      <path d="M20 14.2A8 8 0 1 1 9.8 4a6.4 6.4 0 0 0 10.2 10.2Z" />
    </Icon>
  );
}

export function DocumentIcon() {
  return (
    <Icon>
      <path d="M13.5 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V8.5z" />
      <path d="M13.5 3v5.5H19M8.5 13h7m-7 3.5h4.5" />
    </Icon>
  );
}

export function CloseIcon() {
  return (
    <Icon size={14}>
      <path d="M5 5l14 14M19 5 5 19" />
    </Icon>
  );
}

export function CopyIcon() {
  return (
    <Icon size={15}>
      <rect x="8.5" y="8.5" width="12" height="12" rx="2.5" />
      <path d="M15.5 5.5v0a2 2 0 0 0-2-2h-8a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2" />
    </Icon>
  );
}

export function CheckIcon() {
  return (
    <Icon size={15}>
      <path d="m4.5 12.5 5 5 10-11" />
    </Icon>
  );
}

export function RetryIcon() {
  return (
    <Icon size={15}>
      <path d="M20 5v5h-5M19.4 10A8 8 0 1 0 20 14" />
    </Icon>
  );
}

export function EditIcon() {
  return (
    <Icon size={15}>
      <path d="m4 20 1-4.5L16 4.5a2.1 2.1 0 0 1 3 3L8 19z" />
    </Icon>
  );
}

export function AlertIcon() {
  return (
    <Icon>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 7.5v5.5m0 3.4v.1" />
    </Icon>
  );
}

export function DownIcon() {
  return (
    <Icon>
      <path d="M12 5v14m6.5-6.5L12 19l-6.5-6.5" />
    </Icon>
  );
}

export function ChevronIcon() {
  return (
    <Icon size={14}>
      <path d="m6 9 6 6 6-6" />
    </Icon>
  );
}

export function SearchIcon() {
  return (
    <Icon size={15}>
      <circle cx="11" cy="11" r="6.5" />
      <path d="m16 16 4.5 4.5" />
    </Icon>
  );
}

export function PinIcon() {
  return (
    <Icon size={13}>
      <path d="M9 4h6l-1 6 3 3v2H7v-2l3-3-1-6Zm3 11v6" />
    </Icon>
  );
}

export function DotsIcon() {
  return (
    <Icon size={16}>
      <path d="M5 12h.01M12 12h.01M19 12h.01" strokeWidth="3" />
    </Icon>
  );
}

export function MenuIcon() {
  return (
    <Icon>
      <path d="M4 7h16M4 12h16M4 17h16" />
    </Icon>
  );
}

export function BackIcon() {
  return (
    <Icon size={14}>
      <path d="m15 6-6 6 6 6" />
    </Icon>
  );
}

export function ForwardIcon() {
  return (
    <Icon size={14}>
      <path d="m9 6 6 6-6 6" />
    </Icon>
  );
}

export function ColumnsIcon() {
  return (
    <Icon>
      <rect x="3.5" y="5" width="7" height="14" rx="1.5" />
      <rect x="13.5" y="5" width="7" height="14" rx="1.5" />
    </Icon>
  );
}

export function Logo() {
  return (
    <svg width="24" height="24" viewBox="0 0 32 32" fill="none" aria-hidden="true" className="logo">
      <g strokeWidth="4" strokeLinecap="round" strokeLinejoin="round">
        <path d="m4 8 6 8-6 8" opacity=".35" />
        <path d="m12.5 8 6 8-6 8" opacity=".65" />
        <path d="m21 8 6 8-6 8" />
      </g>
    </svg>
  );
}

export function WrapIcon() {
  return (
    <Icon size={16}>
      <path d="M4 6h16M4 12h12.5a3 3 0 0 1 0 6H12M4 18h4M14 15.5 11.5 18l2.5 2.5" />
    </Icon>
  );
}

export function ToolIcon() {
  return (
    <Icon size={16}>
      <path d="M9 4c-2.5 0-3 1-3 3v2c0 2-.7 3-2.5 3 1.8 0 2.5 1 2.5 3v2c0 2 .5 3 3 3M15 4c2.5 0 3 1 3 3v2c0 2 .7 3 2.5 3-1.8 0-2.5 1-2.5 3v2c0 2-.5 3-3 3" />
    </Icon>
  );
}
