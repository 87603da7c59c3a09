/** In the place of the line under an answer while the connection is gone. */
export function Away() {
  return (
    <p className="answer-foot away">
      <span className="pulse">Reconnecting</span>
      <span>The answer goes on at the gateway meanwhile.</span>
    </p>
  );
}
