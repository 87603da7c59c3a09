import { isHeadwayError, type HeadwayClient, type ModelInfo } from '@headway/client';
import { useEffect, useState } from 'react';

import { faultsOf, type Faults } from '../form/settings-form.ts';
import { requestFields, type Settings } from '../settings.ts';

const none: Faults = new Map();
/** The gateway is asked this long after the last change, in ms. */
const afterMs = 300;

/**
 * What the gateway would refuse in settings, by field. It alone knows which schemas a grammar can enforce, so only settings
 * with schemas are asked about, and only of a model that is loaded, since a question would load it.
 */
export function useRefusals(
  client: Pick<HeadwayClient, 'estimate'>,
  settings: Settings | null,
  model: ModelInfo | undefined,
): Faults {
  const [refused, setRefused] = useState<{ settings: Settings; faults: Faults } | null>(null);
  const id = model?.state === 'ready' ? model.id : null;
  useEffect(() => {
    if (!settings || id === null || !(settings.answerSchema || settings.tools)) return;
    let over = false;
    const ask = async () => {
      const messages = [{ role: 'user' as const, content: 'Hello' }];
      try {
        await client.estimate({ messages, ...requestFields(settings), model: id });
      } catch (thrown) {
        // Without the gateway there is nothing to say. It checks each message, too.
        const faults = isHeadwayError(thrown) && thrown.code === 'invalid-request' ? faultsOf(thrown.issues) : none;
        if (!over) setRefused({ settings, faults });
      }
    };
    const timer = setTimeout(() => void ask(), afterMs);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [client, settings, id]);
  return refused && refused.settings === settings ? refused.faults : none;
}
