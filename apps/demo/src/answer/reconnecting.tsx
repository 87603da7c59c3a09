/** Replaces the line under an answer while the connection is lost. The page cannot know whether the gateway still runs. */
export function Reconnecting() {
  return (
    <p className="answer-foot reconnecting">
      <strong data-warn>Connection lost, reconnecting</strong>
      <span>If the gateway still runs, the answer goes on there.</span>
    </p>
  );
}
