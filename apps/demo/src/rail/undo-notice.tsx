import { CloseIcon } from '../shell/icons.tsx';

interface UndoNoticeProps {
  /** What was done, as a sentence. */
  text: string;
  /** Whether its button takes the focus: what had it is gone. */
  focused: boolean;
  onUndo: () => void;
  onClose: () => void;
}

/** Says what was done, with a button that undoes it. It stays until the user closes it: nobody has to hurry. */
export function UndoNotice({ text, focused, onUndo, onClose }: UndoNoticeProps) {
  return (
    <div className="undo-notice" role="status">
      <p>{text}</p>
      <button type="button" className="text-button" autoFocus={focused} onClick={onUndo}>
        Undo
      </button>
      <button type="button" className="small-icon-button" aria-label="Close the notice" onClick={onClose}>
        <CloseIcon />
      </button>
    </div>
  );
}
