import { SettingsIcon } from '../shell/icons.tsx';

/** Opens the settings. `changed`: whether any differs from the gateway's defaults. */
export function SettingsButton({ changed, onOpen }: { changed: boolean; onOpen: () => void }) {
  return (
    <button
      type="button"
      className="icon-button settings-button"
      aria-label="Settings of the answer"
      aria-haspopup="dialog"
      title="Settings of the answer"
      onClick={onOpen}
    >
      <SettingsIcon />
      {changed && <span className="changed-mark" />}
    </button>
  );
}
