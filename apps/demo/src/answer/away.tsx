/** In the place of the line under an answer while the connection is gone: whether the gateway is, too, nobody knows from here. */
export function Away() {
  return (
    <p className="answer-foot away">
      <span className="pulse">Reconnecting</span>
      <span>If the gateway still runs, the answer goes on there.</span>
    </p>
  );
}
