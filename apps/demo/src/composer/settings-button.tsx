import { SettingsIcon } from '../shell/icons.tsx';
import { Popover } from '../shell/popover.tsx';
import { tokens } from '../words/quantities.ts';
import { lengths, temperatures, type Settings } from './settings.ts';

export function SettingsButton({ settings, onChange }: { settings: Settings; onChange: (settings: Settings) => void }) {
  const changed = settings.temperature !== undefined || settings.maxTokens !== undefined;
  return (
    <Popover
      label="Settings of the answer"
      className="icon-button"
      side="above"
      button={
        <>
          <SettingsIcon />
          {changed && <span className="changed-mark" />}
        </>
      }
    >
      <fieldset className="setting">
        <legend>Temperature</legend>
        <div className="segments">
          {temperatures.map(({ label, value, hint }) => (
            <label key={label} title={hint}>
              <input
                type="radio"
                name="temperature"
                checked={settings.temperature === value}
                onChange={() => onChange({ ...settings, temperature: value })}
              />
              <span>{label}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <label className="setting">
        <span>Longest answer</span>
        <select
          value={settings.maxTokens ?? ''}
          onChange={(event) => onChange({ ...settings, maxTokens: Number(event.currentTarget.value) || undefined })}
        >
          <option value="">As the context allows</option>
          {lengths.map((length) => (
            <option key={length} value={length}>
              {tokens(length)}
            </option>
          ))}
        </select>
      </label>
    </Popover>
  );
}
