import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a process and all its descendants have used. */
export interface TreeCost {
  /** User and system time, in ms. The system counts it in steps of 10 ms. */
  cpuMs: number;
  rssMiB: number;
}

interface ProcessEntry extends TreeCost {
  pid: number;
  parent: number;
}

/** @throws Error on Windows, where there is neither `/proc` nor `ps` */
export function treeCost(root: number): TreeCost {
  const entries = process.platform === 'linux' ? fromProc() : fromPs();
  const members = new Set([root]);
  // Parents can have higher numbers than their children, so this repeats until nothing is added.
  for (let size = 0; size !== members.size;) {
    size = members.size;
    for (const { pid, parent } of entries) if (members.has(parent)) members.add(pid);
  }
  const own = entries.filter(({ pid }) => members.has(pid));
  const sum = (of: (entry: ProcessEntry) => number) => own.reduce((total, entry) => total + of(entry), 0);
  return { cpuMs: sum(({ cpuMs }) => cpuMs), rssMiB: sum(({ rssMiB }) => rssMiB) };
}

const tickMs = 10;
const pageBytes = 4096;

function fromProc(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const fields = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ')
          .map(Number);
        const [parent, user, system, pages] = [fields[1], fields[11], fields[12], fields[21]] as [
          number,
          number,
          number,
          number,
        ];
        return [{ pid: Number(name), parent, cpuMs: (user + system) * tickMs, rssMiB: (pages * pageBytes) / 2 ** 20 }];
      } catch {
        return []; // ended meanwhile
      }
    });
}

function fromPs(): ProcessEntry[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss=,time='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [pid, parent, rss, time] = line.trim().split(/\s+/) as [string, string, string, string];
    return { pid: Number(pid), parent: Number(parent), cpuMs: msOf(time), rssMiB: Number(rss) / 1024 };
  });
}

/** In ms, of `[days-][hours:]minutes:seconds`. */
function msOf(time: string): number {
  const [clock = '', days = '0'] = time.split('-').toReversed();
  const seconds = clock.split(':').reduce((total, part) => total * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}
