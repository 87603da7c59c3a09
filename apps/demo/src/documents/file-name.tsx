/** Characters of a long name's end that stay, since they tell the kind and often the version or year. */
const kept = 10;

/** A name that is cut in its middle where its place is too narrow. */
export function FileName({ name }: { name: string }) {
  const characters = Array.from(name);
  const cut = characters.length > 2 * kept ? characters.length - kept : characters.length;
  return (
    <span className="file-name">
      <span>{characters.slice(0, cut).join('')}</span>
      {cut < characters.length && <span>{characters.slice(cut).join('')}</span>}
    </span>
  );
}
