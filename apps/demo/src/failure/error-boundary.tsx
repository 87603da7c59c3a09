import { Component, type ReactNode } from 'react';

interface ErrorBoundaryProps {
  /** What cannot be shown then, as in "This message". */
  what: string;
  children: ReactNode;
}

/** Shows a sentence in place of a part that fails to render, so that the rest of the page stays. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className="failed-part" role="alert">
        <p>
          {this.props.what} cannot be shown: {error.message}. Your chats are kept in this browser.
        </p>
        <button type="button" className="text-button" onClick={() => location.reload()}>
          Reload the page
        </button>
      </div>
    );
  }
}
