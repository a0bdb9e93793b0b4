/** Where the window speaks to screen readers: politely about what happens, at once about what went wrong. */
import type { ReactElement } from 'react';
import { useUiStore } from '../../app/ui-store.js';

export function LiveRegions(): ReactElement {
  const announcement = useUiStore((store) => store.announcement);
  const refusal = useUiStore((store) => store.refusals.at(-1));
  return (
    <>
      <div className="visually-hidden" role="status" aria-live="polite" data-testid="announcements">
        {announcement}
      </div>
      <div className="visually-hidden" role="alert">
        {refusal === undefined ? '' : `${refusal.message} ${refusal.hint}`}
      </div>
    </>
  );
}
