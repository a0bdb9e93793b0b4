import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from 'react-aria-components';
import { openDialog } from '../../app/ui-store.js';

/** For a cloud or a calibration that is not where the project says. */
export function FindFileButton(): ReactElement {
  const { t } = useTranslation('sensors');
  return (
    <Button className="button button-small" onPress={() => openDialog('relink')}>
      {t('findFile')}
    </Button>
  );
}
