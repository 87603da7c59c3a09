import { HeadwayError } from '@headway/protocol';

/** What was at work in a process when it ended. */
export interface Suspect {
  owner: string;
  /** Tells what was asked for (`requestFingerprint`). */
  fingerprint: string;
}

/** A request that was at work at two crashes in a row is not run for so long, in ms. */
const requestMs = 10 * 60_000;
/** Nor is anything of the one owner whose requests were at work at this many in a row, for so long. */
const ownerCrashes = 3;
const ownerMs = 60_000;
/** Most that are kept; beyond them the first goes. */
const mostBarred = 256;

/**
 * Who was at work when a process crashed, again and again: that is not run for a while, so that one owner's request does
 * not keep the engine from the others.
 */
export class CrashSuspects {
  readonly #now: () => number;
  #before: ReadonlySet<string> = new Set();
  /** Of each of the latest crashes, the owners. */
  #owners: ReadonlySet<string>[] = [];
  /** When the latest was; those that lie further apart than a bar lasts are not in a row. */
  #last = Number.NEGATIVE_INFINITY;
  /** Until when, by request or owner. */
  readonly #barred = new Map<string, number>();

  /** `now` is in ms. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Takes note of a crash. True when it is laid to somebody, and will not come again by the same. */
  crashed(atWork: readonly Suspect[]): boolean {
    if (this.#now() - this.#last > requestMs) {
      this.#before = new Set();
      this.#owners = [];
    }
    this.#last = this.#now();
    const requests = new Set(atWork.map(keyOf));
    const again = [...requests].filter((key) => this.#before.has(key));
    this.#before = requests;
    for (const key of again) this.#bar(key, requestMs);
    const owner = this.#ownerOfAll(new Set(atWork.map((suspect) => suspect.owner)));
    if (owner !== null) this.#bar(owner, ownerMs);
    return again.length > 0 || owner !== null;
  }

  /** Whether anything of an owner may be refused: only then his requests are looked at. */
  suspects(owner: string): boolean {
    return [...this.#barred.keys()].some(
      (key) => (key === owner || key.startsWith(`${owner}/`)) && this.#isBarred(key),
    );
  }

  /** Why a request is not run now; null when it is. */
  refusal(suspect: Suspect): HeadwayError | null {
    if (this.#isBarred(keyOf(suspect))) {
      return new HeadwayError(
        'engine-crashed',
        'the engine crashed twice in a row while it worked on this request, which is not run again for 10 minutes; change it',
        { retryable: false },
      );
    }
    if (!this.#isBarred(suspect.owner)) return null;
    return new HeadwayError(
      'engine-crashed',
      `the engine crashed ${ownerCrashes} times in a row while it worked on your requests; send others in a minute`,
    );
  }

  /** The one owner who was there at each of the latest crashes; null when there is none, or more than one. */
  #ownerOfAll(owners: ReadonlySet<string>): string | null {
    this.#owners = [...this.#owners, owners].slice(-ownerCrashes);
    if (this.#owners.length < ownerCrashes) return null;
    const [owner, ...others] = [...owners].filter((one) => this.#owners.every((set) => set.has(one)));
    // Without keys all are one, and there are no others to protect.
    if (!owner || others.length > 0) return null;
    this.#owners = [];
    return owner;
  }

  #bar(key: string, ms: number): void {
    this.#barred.delete(key);
    this.#barred.set(key, this.#now() + ms);
    const [first] = this.#barred.keys();
    if (this.#barred.size > mostBarred && first !== undefined) this.#barred.delete(first);
  }

  #isBarred(key: string): boolean {
    const until = this.#barred.get(key);
    if (until === undefined) return false;
    if (until > this.#now()) return true;
    this.#barred.delete(key);
    return false;
  }
}

/** Owners have no slash. */
function keyOf({ owner, fingerprint }: Suspect): string {
  return `${owner}/${fingerprint}`;
}
