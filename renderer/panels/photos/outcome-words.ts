/** What became of a photo whose camera was looked for, in a sentence of the window's language. */
import { useTranslation } from 'react-i18next';
import type { PhotoOutcome } from '../../../electron/ipc/contract.js';
import { formatFixed, formatNumber } from '../../app/format.js';
import { useLanguage } from '../controls/use-language.js';

export function useOutcomeWords(): (outcome: PhotoOutcome) => string {
  const { t } = useTranslation('outcomes');
  const language = useLanguage();
  return (outcome) => {
    if (!outcome.isPlaced) {
      const { reason } = outcome;
      return t('leftOut', { why: t(`why.${reason}`), help: t(`help.${reason}`) });
    }
    const points = formatNumber(outcome.pointCount, language);
    const error = formatFixed(outcome.medianErrorPx, language, 2);
    const doubts = outcome.doubts.map((doubt) => t('doubtful', { doubt: t(`doubt.${doubt}`) }));
    return [t('placed', { points, error }), ...doubts].join(' ');
  };
}

/** Worth a look: not placed, or placed with a doubt. */
export function isNotable(outcome: PhotoOutcome): boolean {
  return !outcome.isPlaced || outcome.doubts.length > 0;
}
