import { HeadwayError } from '@headway/protocol';

/** A request that the process was working on when it ended. */
export interface Suspect {
  owner: string;
  /** Identifies the request's content (`requestFingerprint`). */
  fingerprint: string;
}

/** How long a request is barred that was running at two crashes in a row, in ms. */
const requestMs = 10 * 60_000;
/** An owner is barred for `ownerMs` when its requests alone were running at this many crashes in a row. */
const ownerCrashes = 3;
/** In ms. */
const ownerMs = 60_000;
/** Most bars that are remembered; a new one then replaces the oldest. */
const mostBarred = 256;

/**
 * Finds the requests and owners that crash the process repeatedly and bars them for a while, so that one owner's
 * requests do not keep the engine down for all others.
 */
export class CrashSuspects {
  readonly #now: () => number;
  /** The requests that were running at the latest crash. */
  #before: ReadonlySet<string> = new Set();
  /** The owners whose requests were running, for each of the latest crashes. */
  #owners: ReadonlySet<string>[] = [];
  /** Time of the latest crash. Crashes further apart than a request's bar do not count as in a row. */
  #last = Number.NEGATIVE_INFINITY;
  /** End of each bar in ms, by request or owner. */
  readonly #barred = new Map<string, number>();

  /** `now` is in ms. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Records a crash. True when it barred a request or an owner, so that the cause cannot crash the next process. */
  crashed(running: readonly Suspect[]): boolean {
    if (this.#now() - this.#last > requestMs) {
      this.#before = new Set();
      this.#owners = [];
    }
    this.#last = this.#now();
    const requests = new Set(running.map(keyOf));
    const again = [...requests].filter((key) => this.#before.has(key));
    this.#before = requests;
    for (const key of again) this.#bar(key, requestMs);
    const owner = this.#ownerOfAll(new Set(running.map((suspect) => suspect.owner)));
    if (owner !== null) this.#bar(owner, ownerMs);
    return again.length > 0 || owner !== null;
  }

  /** Whether `refusal` may refuse a request of this owner. A cheap check that saves fingerprinting every request. */
  mayRefuse(owner: string): boolean {
    return [...this.#barred.keys()].some(
      (key) => (key === owner || key.startsWith(`${owner}/`)) && this.#isBarred(key),
    );
  }

  /** The error that refuses a barred request; null when the request may run. */
  refusal(suspect: Suspect): HeadwayError | null {
    if (this.#isBarred(keyOf(suspect))) {
      return new HeadwayError(
        'engine-crashed',
        'the engine crashed twice in a row while it worked on this request and refuses it for 10 minutes; change the request',
        { retryable: false },
      );
    }
    if (!this.#isBarred(suspect.owner)) return null;
    return new HeadwayError(
      'engine-crashed',
      `the engine crashed ${ownerCrashes} times in a row while it worked on your requests; wait a minute, then send other requests`,
    );
  }

  /** The only owner with a request running at each of the latest crashes; null when there is none or more than one. */
  #ownerOfAll(owners: ReadonlySet<string>): string | null {
    this.#owners = [...this.#owners, owners].slice(-ownerCrashes);
    if (this.#owners.length < ownerCrashes) return null;
    const [owner, ...others] = [...owners].filter((one) => this.#owners.every((set) => set.has(one)));
    // Without API keys all requests have the empty owner, so there is no other owner to protect.
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

/** Owners contain no slash. */
function keyOf({ owner, fingerprint }: Suspect): string {
  return `${owner}/${fingerprint}`;
}
