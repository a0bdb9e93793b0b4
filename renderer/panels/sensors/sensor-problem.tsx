/** A cloud or a calibration that is not where the project says: said in the window's language, with the way to find it again. */
import type { ReactElement, ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import { openDialog } from '../../app/ui-store.js';
import { Icon } from '../controls/icons.js';

interface SensorProblemProps {
  readonly problem: { readonly message: string; readonly hint: string };
  /** It is gone, and may be looked for. */
  readonly isMissing: boolean;
  /** More that can be done about it. */
  readonly children?: ReactNode;
}

export function SensorProblem({ problem, isMissing, children }: SensorProblemProps): ReactElement {
  const { t } = useTranslation('sensors');
  const hint = isMissing ? t('fileMissingHint') : problem.hint;
  return (
    <div className="message message-bad" role="alert">
      <Icon name="error" />
      <div className="stack">
        <p>{isMissing ? t('fileMissing') : problem.message}</p>
        {hint === '' ? null : <p className="muted">{hint}</p>}
        <div className="row row-wrap">
          {isMissing ? (
            <Button className="button button-small" onPress={() => openDialog('relink')}>
              {t('findFile')}
            </Button>
          ) : null}
          {children}
        </div>
      </div>
    </div>
  );
}
