/** Sizes of the present scene in each format, asked from the host while the dialog is open. */
import { useEffect, useState } from 'react';
import { EXPORT_FORMATS } from '../../../electron/ipc/contract.js';
import type { ExportFormat, ExportOptions } from '../../../electron/ipc/contract.js';
import { getHost } from '../../app/host.js';
import { maxDegreeOf } from './export-choice.js';

type Sizes = Partial<Record<ExportFormat, number>>;

export function useSizeEstimates({ upAxis, shDegree, applyEdits }: Omit<ExportOptions, 'format'>): Sizes {
  const [sizes, setSizes] = useState<Sizes>({});
  useEffect(() => {
    let isCurrent = true;
    for (const format of EXPORT_FORMATS) {
      const degree = Math.min(shDegree, maxDegreeOf(format));
      getHost()
        .send('estimateExport', { format, upAxis, shDegree: degree, applyEdits })
        .then(({ bytes }) => {
          if (isCurrent) setSizes((known) => ({ ...known, [format]: bytes }));
        })
        // A size that cannot be told is no reason to disturb: the export itself will say what is wrong.
        .catch(() => undefined);
    }
    return () => {
      isCurrent = false;
    };
  }, [upAxis, shDegree, applyEdits]);
  return sizes;
}
