import { describe, expect, it } from 'vitest';

import { chooseMember, type MemberCandidate } from './choose-member.ts';

const member = (candidate: Partial<MemberCandidate> = {}): MemberCandidate => ({
  outstanding: 0,
  saved: 0,
  load: 0,
  lastUsed: 0,
  ...candidate,
});

describe('chooseMember', () => {
  it('takes the upstream with the fewest prompt tokens to read', () => {
    expect(chooseMember([900, 300, 301].map((outstanding) => member({ outstanding })))).toBe(1);
  });

  it('takes the one that knows the beginning, as long as no more tokens wait there than it saves', () => {
    const other = member({ outstanding: 1000 });
    expect(chooseMember([other, member({ outstanding: 1999, saved: 1000 })])).toBe(1);
    expect(chooseMember([other, member({ outstanding: 2000, saved: 1000 })])).toBe(1);
    expect(chooseMember([other, member({ outstanding: 2001, saved: 1000 })])).toBe(0);
  });

  it('weighs one that saves much and is loaded against one that saves little and is idle', () => {
    const idle = member({ saved: 100 });
    expect(chooseMember([idle, member({ outstanding: 800, saved: 1000 })])).toBe(1);
    expect(chooseMember([idle, member({ outstanding: 1000, saved: 1000 })])).toBe(0);
  });

  it('takes of equal ones the emptier one, then the one that got no request for longest', () => {
    expect(chooseMember([member({ load: 0.5 }), member({ load: 0.25, lastUsed: 9 })])).toBe(1);
    expect(chooseMember([member({ lastUsed: 3 }), member({ lastUsed: 2 }), member({ lastUsed: 4 })])).toBe(1);
  });

  it('returns -1 when there is none', () => {
    expect(chooseMember([])).toBe(-1);
  });
});
