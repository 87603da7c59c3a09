import { BackIcon, ForwardIcon } from '../shell/icons.tsx';
import { neighbour } from '../conversation/tree.ts';

interface VersionSwitchProps {
  /** `answer` or `message`. */
  what: string;
  versions: readonly { id: string }[];
  shown: string;
  onChoose: (id: string) => void;
}

/** Which of several versions is shown, as in 2/3, with buttons to the ones beside it. Nothing for a single version. */
export function VersionSwitch({ what, versions, shown, onChoose }: VersionSwitchProps) {
  const at = versions.findIndex(({ id }) => id === shown);
  if (versions.length < 2 || at < 0) return null;
  const before = neighbour(versions, shown, -1);
  const after = neighbour(versions, shown, 1);
  return (
    <div className="version-switch" role="group" aria-label={`Version of the ${what}`}>
      <button
        type="button"
        className="small-icon-button"
        aria-label={`Earlier version of the ${what}`}
        aria-disabled={!before}
        onClick={() => before && onChoose(before.id)}
      >
        <BackIcon />
      </button>
      <span>
        {at + 1}/{versions.length}
      </span>
      <button
        type="button"
        className="small-icon-button"
        aria-label={`Later version of the ${what}`}
        aria-disabled={!after}
        onClick={() => after && onChoose(after.id)}
      >
        <ForwardIcon />
      </button>
    </div>
  );
}
