import type { PrefillEvent } from '@headway/client';

import { count, tokens } from '../words/quantities.ts';

/** The legend of the bar's tones, with their tokens. */
export function PrefillLegend({ prefill }: { prefill: PrefillEvent | null }) {
  if (!prefill || prefill.processed === null || prefill.total === null) {
    return <ul className="legend" />;
  }
  const { phase, processed, total } = prefill;
  const cached = prefill.cached ?? 0;
  if (phase === 'queued') {
    return (
      <ul className="legend">
        {cached > 0 && <li data-tone="cached">{count(cached)} probably from cache</li>}
        <li data-tone="rest">{tokens(total - cached)} to read</li>
      </ul>
    );
  }
  const about = prefill.estimated ? 'about ' : '';
  return (
    <ul className="legend">
      {cached > 0 && <li data-tone="cached">{`${about}${count(cached)} from cache`}</li>}
      {processed > cached && <li data-tone="read">{`${about}${count(processed - cached)} read now`}</li>}
      <li data-tone="rest">{`${about}${count(total - processed)} to read`}</li>
    </ul>
  );
}
