import { CloseIcon } from '../shell/icons.tsx';

interface UndoNoticeProps {
  /** What was done, as a sentence. */
  text: string;
  onUndo: () => void;
  onClose: () => void;
}

/** Says what was done, with a button that undoes it. It stays until the user closes it: nobody has to hurry. */
export function UndoNotice({ text, onUndo, onClose }: UndoNoticeProps) {
  return (
    <div className="undo-notice" role="status">
      <p>{text}</p>
      <button type="button" className="text-button" onClick={onUndo}>
        Undo
      </button>
      <button type="button" className="small-icon-button" aria-label="Close the notice" onClick={onClose}>
        <CloseIcon />
      </button>
    </div>
  );
}
