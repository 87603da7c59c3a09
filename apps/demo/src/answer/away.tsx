/** Replaces the line under an answer while the connection is lost. The page cannot know whether the gateway still runs. */
export function Away() {
  return (
    <p className="answer-foot away">
      <span className="pulse">Reconnecting</span>
      <span>If the gateway still runs, the answer goes on there.</span>
    </p>
  );
}
